-- The events of current stories in the 40 columns of POLECAT, in its order, the names in snake_case:
-- what the wire says has happened (asserted or reported, not planned). Where POLECAT has text with
-- separators there is a list here, as many places long as the event has actors (or recipients).
-- Null is what Naba does not know: intensity, contexts, COW codes, sectors, Wikipedia, the levels of
-- administration. Countries are ISO alpha-3. The language is a BCP 47 code.

create or replace view polecat_events as
with events as materialized (from events_once),
story_names as (
    select story_id,
        list(distinct surface order by surface) filter (label = 'PER') as people,
        list(distinct surface order by surface) filter (label = 'ORG') as organizations,
        list(distinct surface order by surface) filter (label = 'LOC') as locations
    from mentions group by story_id),
actors as (
    select event_id, list(name order by position) as names,
        list(alpha3 order by position) as countries, list(role order by position) as titles
    from (select event_id, generate_subscripts(actors, 1) as position,
            unnest(actors, recursive := true) from events)
    left join country_codes using (country)
    group by event_id),
recipients as (
    select event_id, list(name order by position) as names,
        list(alpha3 order by position) as countries, list(role order by position) as titles
    from (select event_id, generate_subscripts(recipients, 1) as position,
            unnest(recipients, recursive := true) from events)
    left join country_codes using (country)
    group by event_id)
select
    events.event_id,
    first_day as event_date,
    event_type,
    event_mode,
    null::double as intensity,
    upper(quad) as quad_code,
    null::varchar[] as contexts,
    coalesce(actors.names, []) as actor_name,
    coalesce(actors.countries, []) as actor_country,
    null::varchar[] as actor_cow,
    null::varchar as primary_actor_sector,
    null::varchar[] as actor_sectors,
    coalesce(actors.titles, []) as actor_title,
    coalesce(actors.names, []) as actor_name_raw,
    null::varchar[] as wikipedia_actor_id,
    coalesce(recipients.names, []) as recipient_name,
    coalesce(recipients.countries, []) as recipient_country,
    null::varchar[] as recipient_cow,
    null::varchar as primary_recipient_sector,
    null::varchar[] as recipient_sectors,
    coalesce(recipients.titles, []) as recipient_title,
    coalesce(recipients.names, []) as recipient_name_raw,
    null::varchar[] as wikipedia_recipient_id,
    place as placename,
    null::varchar as city,
    null::varchar as district,
    null::varchar as province,
    codes.alpha3 as country,
    latitude,
    longitude,
    geonameid as geonames_id,
    place as raw_placename,
    null::varchar as feature_type,
    coalesce(agency, source_id) as source,
    (published_at at time zone 'UTC')::date as publication_date,
    coalesce(people, []) as story_people,
    coalesce(organizations, []) as story_organizations,
    coalesce(locations, []) as story_locations,
    language,
    'Naba ' || (versions::json ->> 'naba') as version
from events
left join actors on actors.event_id = events.event_id
left join recipients on recipients.event_id = events.event_id
left join story_names using (story_id)
left join country_codes as codes on codes.country = events.country
left join (select run_id, any_value(versions) as versions from runs group by run_id) as writers
    on writers.run_id = events.run_id
where event_type is not null and factuality in ('asserted', 'reported') and tense != 'planned';
