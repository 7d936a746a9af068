"""The names under which sheets write our fields. How a heading is compared with them is :mod:`storage.headings`."""

from __future__ import annotations

from collections.abc import Mapping

# Our fields; the aliases of each, most telling first: where two columns fit, the earlier alias wins.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "camera": (
        *("camera ip", "camera ip address", "cctv ip", "device ip", "ip address", "ip", "camera id", "camera no"),
        *(
            "camera number",
            "camera code",
            "cctv id",
            "cctv no",
            "cctv number",
            "device id",
            "cam id",
            "cam ip",
            "cam no",
        ),
        *("camera key", "camera", "cctv", "cam", "camera name", "cctv name", "device name", "device", "host"),
        *(
            "摄像头编号",
            "摄像头",
            "攝影機",
            "カメラ",
            "カメラ番号",
            "카메라",
            "الكاميرا",
            "كاميرا",
            "कैमरा",
            "కెమెరా",
            "கேமரா",
        ),
        *("kennung", "asset id", "asset no", "unit id", "stream", "stream name", "id", "name"),
    ),
    "latitude": (
        *("latitude", "lat", "gps latitude", "gps lat", "latitude n", "lat n", "y coordinate", "y coord"),
        *(
            "breitengrad",
            "geographische breite",
            "latitud",
            "latitudine",
            "خط العرض",
            "zeměpisná šířka",
            "camera latitude",
            "camera lat",
            "breite",
            "y",
        ),
    ),
    "longitude": (
        *(
            "longitude",
            "long",
            "lon",
            "lng",
            "gps longitude",
            "gps long",
            "gps lon",
            "gps lng",
            "longitude e",
            "long e",
        ),
        *("lon e", "x coordinate", "x coord", "längengrad", "laengengrad", "longitud", "longitudine", "خط الطول"),
        *("camera longitude", "camera long", "camera lon", "laenge", "länge", "x"),
    ),
    "pair": (
        *(
            "lat long",
            "lat lon",
            "lat lng",
            "latlong",
            "latlon",
            "latlng",
            "latitude longitude",
            "latitude and longitude",
        ),
        *("long lat", "lon lat", "lng lat", "longlat", "lonlat", "lnglat", "longitude latitude"),
        *("lat and long", "coordinates", "coordinate", "co ordinates", "gps coordinates", "gps co ordinates", "gps"),
        *(
            "geo coordinates",
            "geolocation",
            "geo location",
            "gps location",
            "gps position",
            "koordinaten",
            "coordenadas",
        ),
    ),
    "location": (
        *("location name", "location", "camera location", "location of camera", "location of cctv", "cctv location"),
        *(
            "site name",
            "site",
            "place",
            "place name",
            "junction name",
            "junction",
            "spot",
            "landmark",
            "address",
            "area",
        ),
        *("street", "location description", "location address", "installed at", "standort", "ort", "ubicacion", "lieu"),
        *("intersection", "cross street", "crossing", "where", "description", "libelle", "emplacement", "adresse"),
        *(
            "strasse",
            "direccion",
            "endereco",
            "ubicazione",
            "indirizzo",
            "locatie",
            "mahalle",
            "ulica",
            "адрес",
            "building",
        ),
        *("konum", "lokasi", "lokalizacja", "posizione", "umisteni", "местоположение", "位置", "地点", "場所", "위치"),
        *("الموقع", "स्थान", "ప్రదేశం", "இடம்"),
    ),
    "district": (
        "new district",
        "district",
        "district name",
        "current district",
        "dist",
        "borough",
        *("council district", "bezirk", "stadtbezirk", "distrito", "distretto", "arrondissement", "ilce", "dzielnica"),
        *(
            "район",
            "stadtteil",
            "municipio",
            "municipality",
            "wijk",
            "quartier",
            "quartiere",
            "bairro",
            "barrio",
            "ward",
        ),
        *("stadsdeel", "kecamatan", "区", "區", "구", "الحي", "जिला", "జిల్లా", "மாவட்டம்"),
    ),
    "old_district": ("old district", "erstwhile district", "previous district", "former district", "old dist"),
    "mandal": ("mandal", "mandal name", "taluk", "taluka", "tehsil", "tahsil", "sub district", "subdistrict", "block"),
    "camera_type": (
        "type of camera",
        "camera type",
        "cctv type",
        "type of cctv",
        "device type",
        "kind of camera",
        "type",
    ),
    "analytics_type": ("type of analytics", "analytics type", "analytics", "video analytics", "analytic"),
    "picture_url": (
        *("picture url", "image url", "snapshot url", "photo url", "still url", "picture link", "image link"),
        *("photo link", "snapshot link", "picture", "image", "snapshot", "photo", "url", "link"),
        *("bildadresse", "lien", "enlace", "vinculo", "collegamento", "verknupfung", "ссылка", "odkaz", "baglanti"),
        *("图片链接", "图片地址", "图片网址", "照片链接", "照片地址", "圖片連結", "圖片網址", "链接", "連結", "网址"),
        *(
            "画像url",
            "画像リンク",
            "画像のurl",
            "リンク",
            "사진 링크",
            "이미지 링크",
            "이미지 주소",
            "링크",
            "लिंक",
            "లింక్",
            "رابط",
            "tautan",
        ),
    ),
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LATITUDE = _words(
    "lat latitude latitud latitudine breite breitengrad breedtegraad breedte enlem szerokosc широта lintang 纬度 緯度 "
    "위도 अक्षांश అక్షాంశం அட்சரேகை"
)
_LONGITUDE = _words(
    "lon long lng longitude longitud longitudine lange laenge langengrad laengengrad lengtegraad lengte boylam dlugosc "
    "долгота bujur 经度 經度 経度 경도 देशांतर రేఖాంశం தீர்க்கரேகை"
)
_COORDINATES = _words("coordinate coordinates coords coordonnees koordinaten coordenadas coordinaten")
_MEASURES = _words(
    "gps geo geogr geographic geographische geograficzna geografica wgs wgs84 84 epsg 4326 dd dms deg degree degrees "
    "decimal decimals min minutes sec seconds grad north east n e position value camera cctv site"
)
_CAMERA = _words("camera cctv cam kamera kamery camara telecamera камеры камера")
_NUMBERS = _words(
    "no nr nummer number num numero n id ip code codigo codice kode ref reference key label identifiant identifier "
    "kennung name nombre nome nom nazwa"
)
_PICTURE = _words(
    "picture image photo snapshot still thumbnail bild foto imagem imagen immagine fotografia afbeelding zdjecie obraz "
    "изображение изображения изображению фото снимок снимка gambar resim fotograf 图片 照片 图像 圖片 画像 写真 사진 "
    "이미지 चित्र तस्वीर "
    "फोटो ఫోటో చిత్రం صورة"
)
_LINKS = _words(
    "url link uri href address adresse direccion endereco indirizzo adres lien enlace vinculo collegamento verknupfung "
    "ссылка на адрес odkaz baglanti tautan 链接 連結 网址 地址 リンク 링크 주소 लिंक पता లింక్ رابط l"
)
# A heading made of these words names the field: one of the first, and nothing but both. Two firsts must both be there.
COMPOSED: tuple[tuple[str, tuple[frozenset[str], ...], frozenset[str]], ...] = (
    ("pair", (_LATITUDE, _LONGITUDE), _MEASURES | _COORDINATES),
    ("pair", (_COORDINATES,), _MEASURES),
    ("latitude", (_LATITUDE,), _MEASURES | _COORDINATES),
    ("longitude", (_LONGITUDE,), _MEASURES | _COORDINATES),
    ("camera", (_CAMERA,), _NUMBERS),
    ("picture_url", (_PICTURE,), _LINKS),
)
# Headings that lie near an alias and are something else.
OTHERS = frozenset(
    {
        *("altitude", "elevation", "camera make", "camera model", "camera status", "camera count", "camera height"),
        *(
            "camera user",
            "no of cameras",
            "number of cameras",
            "camera port",
            "mac address",
            "camera mac",
            "camera vendor",
        ),
    }
)
