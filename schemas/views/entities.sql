-- One row per entity in the current stories: all mentions that share an entity_key. `name` is the
-- fullest name of a person, else the spelling used most; not "the organisation", nor a nationality
-- for its country, nor one that the preposition li- has melted into, if there is another.

create or replace view entities as
with named as (
    select mentions.*, coalesce(published_at, first_seen_at) as seen_at, source_id
    from mentions join stories_current using (story_id)),
surfaces as (
    select entity_key, list(surface order by
        is_nationality, surface like 'لل%' or refers_back, if(is_person, -words, 0), mentions desc, surface
        ) as names
    from (
        select entity_key, surface, count(*) as mentions, bool_or(label = 'PER') as is_person,
            len(string_split(surface, ' ')) as words,
            bool_and(label = 'MISC') as is_nationality,
            bool_and(link_rule is not distinct from 'anaphora') as refers_back
        from named group by entity_key, surface)
    group by entity_key)
select
    entity_key, if(bool_or(label = 'LOC'), 'LOC', mode(label order by label)) as label, names[1] as name, any_value(names) as names,
    list(distinct country order by country) filter (country is not null) as countries,
    any_value(geonameid) as geonameid, any_value(latitude) as latitude,
    any_value(longitude) as longitude,
    count(*) as mentions, count(distinct story_id) as stories,
    count(distinct source_id) as sources, min(seen_at) as first_seen, max(seen_at) as last_seen
from named join surfaces using (entity_key)
group by entity_key, names[1];
