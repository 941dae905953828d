-- One row per event that a current story mentions.

create or replace view events_current as
select *
from events
where story_id in (select story_id from stories_current);
