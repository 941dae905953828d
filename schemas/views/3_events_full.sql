-- One row per event of a current story, with what its references lead to: the story, the names that
-- take part (as printed, in the order of the lists of `events`), its place and its time.

create or replace view events_full as
with parts as (  -- all names of an event in one list: one join, and the slow part of this view
    select event_id, unnest(actors || recipients || participants) as mention_id,
        generate_subscripts(actors || recipients || participants, 1) as position
    from events_current),
names as (
    select event_id, list({
        'mention_id': mention_id, 'name': surface, 'label': label, 'entity_key': entity_key,
        'country': country, 'role': role, 'geonameid': geonameid, 'latitude': latitude,
        'longitude': longitude, 'link_rule': link_rule} order by position) as names
    from parts left join mentions using (mention_id)
    group by event_id)
select
    events.event_id, events.story_id, stories.source_id, stories.agency, stories.language,
    stories.url, stories.title, stories.published_at, stories.first_seen_at,
    events.field, events.sentence, events.trigger_start, events.trigger_end, events.trigger,
    events.trigger_kind, events.event_type, events.event_mode, events.extension_type,
    codes.quad, codes.quad_class,
    coalesce(names[1:len(actors)], []) as actors, events.actors_rule,
    coalesce(names[len(actors) + 1:len(actors) + len(recipients)], []) as recipients,
    events.recipients_rule,
    coalesce(names[len(actors) + len(recipients) + 1:], []) as participants,
    events.place, events.place_from, places.entity_key as place_key,
    places.link_rule as place_rule, places.country_alternatives as place_alternatives,
    events.country, events.geonameid, events.latitude, events.longitude,
    events.time, events.time_from, dates.surface as time_printed, dates.anchor as time_anchor,
    dates.rule as time_rule, try_cast(events.first_day as date) as first_day,
    try_cast(events.last_day as date) as last_day, events.granularity,
    events.tense, events.factuality, events.reported_by, events.casualties, events.tier,
    events.rule, events.run_id
from events_current as events
join stories using (story_id)
left join event_codes as codes
    on codes.event_type = events.event_type
    and codes.event_mode is not distinct from events.event_mode
left join names using (event_id)
left join mentions as places on places.mention_id = events.place_mention
left join dates on dates.date_id = events.time_date;
