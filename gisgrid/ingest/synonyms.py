"""What columns are called in registers: ranked names for each role, Chinese, English and French-style.

Names are compared without case, accents, spaces, punctuation and units; see `gisgrid.ingest.fields`.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a column means; the value is the name that an override uses (`--source-field lon=COLUMN`)."""

    CODE = "code"
    NAME = "name"
    LEVEL = "level"
    PARENT = "parent"
    LON = "lon"
    LAT = "lat"
    ID = "id"
    KIND = "kind"
    SOURCE_CLASS = "class"
    STATED_CODE = "grid_code"
    STATED_NAME = "grid_name"


GRID_ROLES = (Role.CODE, Role.PARENT, Role.LEVEL, Role.NAME)
SOURCE_ROLES = (
    Role.LON,
    Role.LAT,
    Role.ID,
    Role.STATED_CODE,
    Role.STATED_NAME,
    Role.NAME,
    Role.SOURCE_CLASS,
    Role.KIND,
)
RECEPTOR_ROLES = (Role.LON, Role.LAT, Role.ID, Role.NAME, Role.KIND)


def _names(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


COORDINATE_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (pair.split("/")[0], pair.split("/")[1])
    for pair in _names(
        """
    经度/纬度 东经/北纬 中心经度/中心纬度 经度坐标/纬度坐标 lon/lat lng/lat long/lat
    longitude/latitude 横坐标/纵坐标 东坐标/北坐标 x坐标/y坐标 坐标x/坐标y
    coordonneesx/coordonneesy coordonneex/coordonneey coordx/coordy xcoord/ycoord
    pointx/pointy centroidx/centroidy easting/northing east/north jd/wd lambertx/lamberty
    xl93/yl93 xwgs84/ywgs84 posx/posy geox/geoy x/y
    """
    )
)
"""(easting or longitude, northing or latitude); in Chinese survey usage 横坐标 is the easting."""

LONLAT_TOGETHER = _names(
    """
    经纬度 经纬度坐标 坐标 地理坐标 中心坐标 位置坐标 lonlat lnglat location coordinates
    coordonnees
    """
)
LATLON_TOGETHER = _names(
    """
    纬经度 latlon latlng latlong geopoint geopoint2d geompoint gps
    """
)
"""One column with both, as "122.07,41.12"; French open data writes latitude first."""

_GRID_CODE = _names(
    """
    网格编号 网格编码 网格代码 单元网格编号 单元网格编码 街道编码 街道代码 乡镇编码 乡镇代码
    社区编码 社区代码 村编码 村代码 行政区划代码 行政区划编码 行政区代码 xzqdm 区划代码
    区划编码 行政代码 地区代码 区县代码 区县编码 县代码 县编码 市代码 城市代码 省代码 adcode
    geoid gridcode gridid gridno geocode geocodigo codeinsee inseecode insee inseecom
    codecommune codeiris divisioncode areacode regioncode unitcode zonecode code dm bm 编号
    编码 代码 identifier gid id
    """
)
_POINT_ID = _names(
    """
    污染源编号 污染源编码 污染源代码 源编号 排放口编号 点位编号 敏感点编号 敏感目标编号
    受体编号 企业编号 企业编码 企业代码 单位编号 统一社会信用代码 统一信用代码 社会信用代码
    信用代码 组织机构代码 排污许可证编号 许可证编号 编号 编码 代码 sourceid sourcecode
    receptorid facilityid facilitycode plantid gppdidnr siteid stationid firmid companyid
    enterpriseid creditcode uscc siret siren osmid id identifiant identifier uid code numero
    序号 no
    """
)
GRID_NAMES = _names(
    """
    网格名称 单元网格名称 街道名称 乡镇名称 社区名称 村名称 行政区名称 行政区划名称 xzqmc
    区划名称 地区名称 区县名称 县名称 市名称 名称 gridname namezh namecn name namelsad nom
    nomcom nomcommune libelle label fullname title 中文名 地名 mc 网格 街道 乡镇 社区 村
    区县 县区
    """
)
POINT_NAMES = _names(
    """
    污染源名称 企业名称 单位名称 公司名称 企业详细名称 项目名称 敏感目标名称 敏感点名称
    受体名称 学校名称 医院名称 点位名称 名称 sourcename receptorname facilityname plantname
    sitename stationname companyname firmname name namezh namecn nom raisonsociale
    denomination libelle label fullname title 企业 单位 污染源 敏感目标 敏感点 mc
    """
)
SYNONYMS: dict[Role, tuple[str, ...]] = {
    Role.CODE: _GRID_CODE,
    Role.PARENT: _names(
        """
    上级网格编号 上级网格编码 上级网格代码 上级网格 上级编号 上级编码 上级代码 上级区划代码
    上级行政区划代码 上级行政区代码 所属上级 上级 父级网格 父级编号 父级编码 父级代码 父级
    父编码 父代码 父节点 父id parentgridcode parentcode parentadcode parentgeoid parentgrid
    parentid codeparent parent supcode codesup pcode 所属区县代码 所属县代码 所属街道编码
    所属乡镇代码 区县代码 县代码 市代码 codedepartement codeepci
    """
    ),
    Role.LEVEL: _names(
        """
    网格级别 网格等级 网格层级 网格级次 级别 层级 等级 行政级别 gridlevel adminlevel
    admlevel level niveau lvl
    """
    ),
    Role.ID: _POINT_ID,
    Role.KIND: _names(
        """
    污染源类型 污染源类别 敏感目标类型 敏感目标类别 敏感点类型 敏感点类别 受体类型
    环境敏感目标类型 目标类型 目标类别 监管对象类型 监管对象类别 对象类型 对象类别 企业类型
    点位类型 类型 种类 receptorkind receptortype sourcekind sourcetype facilitytype kind
    type fclass amenity category categorie nature 类别 性质 行业类别 行业
    """
    ),
    Role.SOURCE_CLASS: _names(
        """
    管理类别 分类管理类别 分类管理 监管类别 监管分类 监管等级 管理等级 管理级别 企业类别
    污染源类别 污染源等级 分类等级 sourceclass managementclass class classe abc grade 类别
    等级 分类
    """
    ),
    Role.STATED_CODE: _names(
        """
    所属网格编号 所属网格编码 所属网格代码 所在网格编号 所在网格编码 网格编号 网格编码
    网格代码 所属街道编码 所属街道代码 所属乡镇编码 所属乡镇代码 街道编码 街道代码 乡镇编码
    乡镇代码 所属区划代码 行政区划代码 行政区划编码 行政区代码 区划代码 区划编码
    所属区县代码 区县代码 县代码 statedcode gridcode gridid towncode divisioncode adcode
    countycode codeinsee inseecode insee inseecom codecommune geoid 市代码 citycode 所属网格
    所在网格 所属街道 所属乡镇 网格 grid
    """
    ),
    Role.STATED_NAME: _names(
        """
    所属网格名称 所在网格名称 所属网格 所在网格 网格名称 所属街道乡镇 所属乡镇街道 所属街道
    所在街道 所属乡镇 所在乡镇 街道名称 乡镇名称 街道乡镇 乡镇街道 街道 乡镇 所属社区 社区
    所属区县 所在区县 区县名称 区县 县区 行政区名称 行政区 行政区划 statedname gridname 网格
    townname township town countyname county district commune nomcommune
    """
    ),
}

ROW_COUNTERS = frozenset(["fid", "objectid", "ogcfid", "rowid", "index"])
"""What software adds to every file: never a code that its owner gave."""

CLASS_UNDETERMINED = frozenset(
    ["待定", "未定", "未知", "不详", "未分类", "无", "-", "—", "/", "undetermined", "unknown", "n/a"]
)
"""How registers write that a source has no class; the rule for classes has holes, so this is an answer."""
