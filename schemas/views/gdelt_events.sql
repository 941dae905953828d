-- The events of current stories in the 61 columns of GDELT 2.0 Events, in its order, for programs that
-- read GDELT: what the wire says has happened (asserted or reported, not planned). Null is what Naba
-- does not know: actor codes other than the country, Goldstein scale, tone, ADM codes, GNS ids.
--   GLOBALEVENTID   the first 60 bits of event_id
--   SQLDATE …       the first day of the event; events_full says where it was read
--   Actor1, Actor2  the first actor and the first recipient; the country codes are ISO alpha-3, as
--                   CAMEO 1.1b3 says; names as printed, in Arabic
--   EventCode …     from event_codes, at the depth that PLOVER's type and mode allow
--   NumMentions …   the story and its copies, and the sources that carried them
--   *Geo_Type       1 country, 4 city (3 in the US), 5 region (2 in the US), as link_rule says
--   *Geo_CountryCode   FIPS 10-4; for Palestine GZ or WE where there are coordinates

create or replace view gdelt_events as
with events as materialized (from events_once),
copies as (
    select story_id, count(*) as articles, count(distinct source_id) as sources
    from (select story_id, source_id from stories
        union all select story_id, source_id from duplicates)
    group by story_id),
places as (
    select event_id, part, name, country, latitude, longitude,
        case
            when country is null then null
            when link_rule similar to '(disputed_)?country.*' then 1
            when link_rule similar to '(disputed_)?region.*' then if(country = 'US', 2, 5)
            when geonameid is not null then if(country = 'US', 3, 4)
        end as type,
        case
            when country = 'PS' and longitude < 34.7 then 'GZ'
            when country = 'PS' and longitude is not null then 'WE'
            else fips
        end as fips
    from (
        select event_id, 'action' as part, place as name, country, geonameid, latitude, longitude,
            place_rule as link_rule
        from events where place is not null
        union all
        select event_id, 'actor1', actors[1].name, actors[1].country, actors[1].geonameid,
            actors[1].latitude, actors[1].longitude, actors[1].link_rule
        from events where actors[1].label = 'LOC'
        union all
        select event_id, 'actor2', recipients[1].name, recipients[1].country,
            recipients[1].geonameid, recipients[1].latitude, recipients[1].longitude,
            recipients[1].link_rule
        from events where recipients[1].label = 'LOC')
    left join country_codes using (country))
select
    ('0x' || events.event_id[1:15])::bigint as GLOBALEVENTID,
    strftime(first_day, '%Y%m%d')::integer as SQLDATE,
    strftime(first_day, '%Y%m')::integer as MonthYear,
    year(first_day)::integer as Year,
    round(year(first_day) + ((month(first_day) - 1) * 30 + day(first_day)) / 365, 4)
        as FractionDate,
    codes1.alpha3 as Actor1Code,
    actors[1].name as Actor1Name,
    codes1.alpha3 as Actor1CountryCode,
    null::varchar as Actor1KnownGroupCode,
    null::varchar as Actor1EthnicCode,
    null::varchar as Actor1Religion1Code,
    null::varchar as Actor1Religion2Code,
    null::varchar as Actor1Type1Code,
    null::varchar as Actor1Type2Code,
    null::varchar as Actor1Type3Code,
    codes2.alpha3 as Actor2Code,
    recipients[1].name as Actor2Name,
    codes2.alpha3 as Actor2CountryCode,
    null::varchar as Actor2KnownGroupCode,
    null::varchar as Actor2EthnicCode,
    null::varchar as Actor2Religion1Code,
    null::varchar as Actor2Religion2Code,
    null::varchar as Actor2Type1Code,
    null::varchar as Actor2Type2Code,
    null::varchar as Actor2Type3Code,
    (is_in_title or sentence = 0)::integer as IsRootEvent,
    cameo as EventCode,
    cameo[1:3] as EventBaseCode,
    cameo[1:2] as EventRootCode,
    codes.quad_class as QuadClass,
    null::double as GoldsteinScale,
    copies.articles::integer as NumMentions,
    copies.sources::integer as NumSources,
    copies.articles::integer as NumArticles,
    null::double as AvgTone,
    place1.type as Actor1Geo_Type,
    place1.name as Actor1Geo_Fullname,
    place1.fips as Actor1Geo_CountryCode,
    if(place1.type = 1, place1.fips, null) as Actor1Geo_ADM1Code,
    null::varchar as Actor1Geo_ADM2Code,
    place1.latitude as Actor1Geo_Lat,
    place1.longitude as Actor1Geo_Long,
    if(place1.type = 1, place1.fips, null) as Actor1Geo_FeatureID,
    place2.type as Actor2Geo_Type,
    place2.name as Actor2Geo_Fullname,
    place2.fips as Actor2Geo_CountryCode,
    if(place2.type = 1, place2.fips, null) as Actor2Geo_ADM1Code,
    null::varchar as Actor2Geo_ADM2Code,
    place2.latitude as Actor2Geo_Lat,
    place2.longitude as Actor2Geo_Long,
    if(place2.type = 1, place2.fips, null) as Actor2Geo_FeatureID,
    action.type as ActionGeo_Type,
    action.name as ActionGeo_Fullname,
    action.fips as ActionGeo_CountryCode,
    if(action.type = 1, action.fips, null) as ActionGeo_ADM1Code,
    null::varchar as ActionGeo_ADM2Code,
    action.latitude as ActionGeo_Lat,
    action.longitude as ActionGeo_Long,
    if(action.type = 1, action.fips, null) as ActionGeo_FeatureID,
    strftime(first_seen_at at time zone 'UTC', '%Y%m%d%H%M%S')::bigint as DATEADDED,
    url as SOURCEURL
from events
join (select * from event_codes
    union all select 'STATEMENT', null, 'verbal cooperation', 1, '010') as codes
    on codes.event_type = coalesce(events.event_type, events.extension_type)
    and codes.event_mode is not distinct from events.event_mode
join copies using (story_id)
left join country_codes as codes1 on codes1.country = actors[1].country
left join country_codes as codes2 on codes2.country = recipients[1].country
left join places as place1 on place1.event_id = events.event_id and place1.part = 'actor1'
left join places as place2 on place2.event_id = events.event_id and place2.part = 'actor2'
left join places as action on action.event_id = events.event_id and action.part = 'action'
where factuality in ('asserted', 'reported') and tense != 'planned';
