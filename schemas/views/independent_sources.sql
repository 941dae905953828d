-- One row per story: who else published it, and how many of them speak for themselves. What a copy
-- tells comes from the agency that it credits; without a credit, what only repeats or forwards the
-- story's own text comes from where the story comes from, and an edited text counts as its source's
-- own account.

create or replace view independent_sources as
with members as (
    select story_id, source_id, item_id, agency, agency is null and relation in
        ('exact_copy', 'forward_of') as repeats
    from duplicates
    union all
    select story_id, source_id, item_id, agency, false from stories),
origins as (
    select members.*, coalesce(
        members.agency, if(repeats, stories.agency, null),
        if(repeats, stories.source_id, members.source_id)) as comes_from
    from members join stories using (story_id))
select
    story_id,
    count(distinct (source_id, item_id)) - 1 as copies,
    count(distinct source_id) as sources,
    count(distinct comes_from) as independent_sources,
    list(distinct agency order by agency) filter (agency is not null) as agencies
from origins
group by story_id;
