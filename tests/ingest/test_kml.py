"""KML as Google Earth, QGIS and offices write it."""

from __future__ import annotations

import pytest
import shapely

from gisgrid.errors import InputError, UnreadableFile, UnsafeFile
from gisgrid.ingest.kml import read_kml
from gisgrid.ingest.layer import RawLayer

POINT = "<Point><coordinates>122.1,41.1,0</coordinates></Point>"
RING = "<LinearRing><coordinates>0,0,0 4,0,0\n 4,4,0 0,4 0,0</coordinates></LinearRing>"
HOLE = "<LinearRing><coordinates>1,1 2,1 2,2 1,2 1,1</coordinates></LinearRing>"
POLYGON = f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs></Polygon>"
DONUT = (
    f"<Polygon><outerBoundaryIs>{RING}</outerBoundaryIs><innerBoundaryIs>{HOLE}</innerBoundaryIs></Polygon>"
)


def document(
    *placemarks: str, encoding: str = "UTF-8", namespace: str = "http://www.opengis.net/kml/2.2"
) -> bytes:
    body = "".join(placemarks)
    prolog = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    return f'{prolog}<kml xmlns="{namespace}"><Document>{body}</Document></kml>'.encode(encoding)


def placemark(geometry: str, attributes: str = "") -> str:
    return f"<Placemark>{attributes}{geometry}</Placemark>"


def read(content: bytes, *, layer: str | None = None, max_rows: int = 100) -> RawLayer:
    return read_kml(content, layer=layer, encoding=None, max_rows=max_rows)


def shapes(layer: RawLayer) -> list[str | None]:
    assert layer.wkb is not None
    return [None if each is None else each.wkt for each in shapely.from_wkb(layer.wkb.to_pylist())]


def test_attributes_of_every_style_are_read() -> None:
    attributes = (
        "<name> 一号 </name><ExtendedData>"
        "<Data name='网格编号'><displayName>x</displayName><value>0101</value></Data>"
        "<SchemaData schemaUrl='#s'><SimpleData name='parent'>01</SimpleData></SchemaData></ExtendedData>"
    )
    layer = read(document(placemark(POINT, attributes)))
    assert layer.attributes.to_pylist() == [{"name": "一号", "网格编号": "0101", "parent": "01"}]


def test_polygons_with_holes_and_several_parts_are_read() -> None:
    several = f"<MultiGeometry>{POLYGON}<MultiGeometry>{POLYGON}</MultiGeometry></MultiGeometry>"
    layer = read(
        document(
            placemark(DONUT),
            placemark(several),
            placemark(f"<MultiGeometry>{POINT}{POLYGON}</MultiGeometry>"),
        )
    )
    assert layer.wkb is not None
    donut, parts, mixed = shapely.from_wkb(layer.wkb.to_pylist())
    assert donut.area == 15
    assert (parts.geom_type, len(parts.geoms)) == ("MultiPolygon", 2)
    assert mixed.geom_type == "GeometryCollection"


def test_a_placemark_without_geometry_is_kept_for_the_row_check() -> None:
    assert shapes(read(document(placemark(""), placemark(POINT)))) == [None, "POINT (122.1 41.1)"]


def test_bad_coordinates_cost_their_own_placemark_only() -> None:
    bad = "<Point><coordinates>122.1;41.1</coordinates></Point>"
    layer = read(document(placemark(POINT), placemark(bad), placemark(POINT)))
    assert layer.row.tolist() == [1, 3]
    assert [each.row for each in layer.rejected] == [2]


def test_folders_are_a_column_and_can_be_chosen() -> None:
    folders = [f"<Folder><name>{name}</name>{placemark(POINT)}</Folder>" for name in ("二级", "三级")]
    assert read(document(*folders)).attributes["folder"].to_pylist() == ["二级", "三级"]
    assert read(document(*folders), layer="三级").row.tolist() == [2]
    with pytest.raises(InputError, match="三级, 二级"):
        read(document(*folders), layer="四级")


@pytest.mark.parametrize("encoding", ["UTF-8", "GB2312", "GBK", "UTF-16"])
def test_the_declared_encoding_is_understood(encoding: str) -> None:
    layer = read(document(placemark(POINT, "<name>盘锦</name>"), encoding=encoding))
    assert layer.attributes["name"].to_pylist() == ["盘锦"]


def test_a_declared_encoding_that_is_wrong_is_seen_through() -> None:
    content = document(placemark(POINT, "<name>盘锦市兴隆台区</name>"), encoding="GBK").replace(
        b"GBK", b"UTF-8"
    )
    assert read(content).attributes["name"].to_pylist() == ["盘锦市兴隆台区"]


@pytest.mark.parametrize("namespace", ["http://earth.google.com/kml/2.1", ""])
def test_older_namespaces_are_read(namespace: str) -> None:
    assert len(read(document(placemark(POINT), namespace=namespace)).row) == 1


def test_a_link_to_another_file_is_left_alone() -> None:
    link = "<NetworkLink><Link><href>file:///etc/passwd</href></Link></NetworkLink>"
    assert len(read(document(link, placemark(POINT))).row) == 1


def test_half_a_document_is_an_error() -> None:
    content = document(placemark(POINT), placemark(POINT))
    with pytest.raises(UnreadableFile, match="incomplete"):
        read(content[: len(content) // 2])


def test_more_placemarks_than_allowed_are_refused() -> None:
    with pytest.raises(UnsafeFile, match="more than 1 row"):
        read(document(placemark(POINT), placemark(POINT)), max_rows=1)


def test_elements_nested_very_deep_do_no_harm() -> None:
    nested = "<Folder>" * 20_000 + placemark(POINT) + "</Folder>" * 20_000
    assert len(read(document(nested)).row) == 1
