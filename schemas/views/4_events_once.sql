-- One row per event of a current story as events_full has it, but for events of the title that the
-- text tells again: of one type, with modes, parts and days that do not contradict. The first such
-- event of the text stays, since it says more, and is_in_title says so. A day that the title has
-- only from the publication or the dateline contradicts none.

create or replace view events_once as
with events as materialized (
    select *, factuality in ('asserted', 'reported') as is_told,
        list_transform(actors, lambda one: coalesce(one.country, one.entity_key)) as actor_keys
    from events_full),
told_twice as (
    select title.event_id as title_id, min_by(body.event_id, body.trigger_start) as text_id
    from events as title
    join events as body on body.story_id = title.story_id
        and body.event_type is not distinct from title.event_type
        and body.extension_type is not distinct from title.extension_type
    where title.field = 'title' and body.field = 'text'
        and (body.event_mode = title.event_mode) is not false
        and (body.first_day = title.first_day or title.time_from in ('publication', 'dateline'))
            is not false
        and body.is_told = title.is_told
        and (body.tense = 'planned') = (title.tense = 'planned')
        and (title.actor_keys = [] or body.actor_keys = []
            or list_has_any(title.actor_keys, body.actor_keys))
    group by title.event_id)
select
    events.* exclude (is_told, actor_keys),
    field = 'title' or event_id in (select text_id from told_twice) as is_in_title
from events
where event_id not in (select title_id from told_twice);
