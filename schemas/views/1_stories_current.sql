-- One row per item as it stands now: its latest version, unless it was withdrawn, or another story
-- updates or corrects it. What hangs on an older version is not current either.

create or replace view stories_current as
with latest as (
    select * from stories
    qualify revision = max(revision) over (partition by source_id, item_id))
select *
from latest
where status is distinct from 'withdrawn'
    and story_id not in (select replaces from stories where replaces is not null);
