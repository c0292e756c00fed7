-- The base map's style for osm2pgsql (flex output): three thin tables in EPSG:3857.
-- The schema comes by CAREVAN_BASEMAP_SCHEMA, so that an import is made beside the map in use.

local schema = os.getenv('CAREVAN_BASEMAP_SCHEMA')
local mercator = 3857

local road = osm2pgsql.define_way_table('road', {
    { column = 'kind', type = 'text', not_null = true },
    { column = 'name', type = 'text' },
    { column = 'name_en', type = 'text' },
    { column = 'rank', type = 'int2', not_null = true },
    { column = 'bridge', type = 'bool', not_null = true },
    { column = 'geom', type = 'linestring', projection = mercator, not_null = true },
}, { schema = schema })

local area = osm2pgsql.define_area_table('area', {
    { column = 'layer', type = 'text', not_null = true },
    { column = 'kind', type = 'text', not_null = true },
    { column = 'name', type = 'text' },
    { column = 'geom', type = 'geometry', projection = mercator, not_null = true },
}, { schema = schema })

local label = osm2pgsql.define_table({
    name = 'label',
    schema = schema,
    ids = { type = 'any', id_column = 'osm_id', type_column = 'osm_type' },
    columns = {
        { column = 'kind', type = 'text', not_null = true },
        { column = 'name', type = 'text', not_null = true },
        { column = 'geom', type = 'point', projection = mercator, not_null = true },
    },
})

-- 1 is drawn from far away, 7 only from near by.
local ranks = {
    motorway = 1, trunk = 1, motorway_link = 1, trunk_link = 1,
    primary = 2, primary_link = 2,
    secondary = 3, secondary_link = 3,
    tertiary = 4, tertiary_link = 4,
    residential = 5, unclassified = 5, living_street = 5,
    pedestrian = 6, service = 6, road = 6,
    footway = 7, cycleway = 7, path = 7, steps = 7, track = 7,
}

local green = {
    leisure = { park = true, garden = true, pitch = true, golf_course = true, nature_reserve = true },
    landuse = {
        -- Fields are land: green is what people in town walk in.
        grass = true, forest = true, meadow = true, cemetery = true, recreation_ground = true,
        village_green = true,
    },
    natural = { wood = true, scrub = true, grassland = true, wetland = true },
}

local care = {
    hospital = true, clinic = true, school = true, kindergarten = true, university = true,
    nursing_home = true, social_facility = true,
}

-- Those of them that an elder-care map names.
local named_care = { hospital = true, clinic = true, nursing_home = true, social_facility = true, pharmacy = true }

local function area_of(tags)
    if tags.building and tags.building ~= 'no' then
        return 'building', tags.building
    end
    if tags.natural == 'water' or tags.natural == 'bay' or tags.waterway == 'riverbank'
        or tags.landuse == 'reservoir' or tags.landuse == 'basin' then
        return 'water', tags.water or 'water'
    end
    for key, values in pairs(green) do
        if values[tags[key]] then
            return 'green', tags[key]
        end
    end
    if care[tags.amenity] then
        return 'care', tags.amenity
    end
    if tags.landuse then
        return 'land', tags.landuse
    end
    if tags.place == 'square' then
        return 'land', 'square'
    end
end

local function add_area(tags, shape)
    local layer, kind = area_of(tags)
    if layer then
        area:insert({ layer = layer, kind = kind, name = tags.name, geom = shape })
    end
    if tags.name and named_care[tags.amenity] then
        label:insert({ kind = tags.amenity, name = tags.name, geom = shape:centroid() })
    end
end

function osm2pgsql.process_way(object)
    local tags = object.tags
    local rank = ranks[tags.highway]
    if rank and tags.area ~= 'yes' then
        road:insert({
            kind = tags.highway,
            name = tags.name,
            name_en = tags['name:en'],
            rank = rank,
            bridge = tags.bridge ~= nil and tags.bridge ~= 'no',
            geom = object:as_linestring(),
        })
    elseif object.is_closed then
        add_area(tags, object:as_polygon())
    end
end

function osm2pgsql.process_relation(object)
    if object.tags.type == 'multipolygon' then
        add_area(object.tags, object:as_multipolygon())
    end
end

function osm2pgsql.process_node(object)
    local tags = object.tags
    if not tags.name then
        return
    end
    if tags.place then
        label:insert({ kind = tags.place, name = tags.name, geom = object:as_point() })
    elseif named_care[tags.amenity] then
        label:insert({ kind = tags.amenity, name = tags.name, geom = object:as_point() })
    elseif tags.railway == 'station' then
        label:insert({ kind = 'station', name = tags.name, geom = object:as_point() })
    end
end
