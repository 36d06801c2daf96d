"""OGC API Features over the layers: core, GeoJSON, reference systems, filters, an OpenAPI document."""
