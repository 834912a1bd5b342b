"""Writes ``stores/franchises.csv``: 150 made-up franchises in real towns, for ``franchises.yaml``."""

from __future__ import annotations

import csv
from pathlib import Path

#: Town, state, postal code, latitude, longitude, time zone.
_TOWNS = """\
Boston,MA,02108,42.3601,-71.0589,America/New_York
Cambridge,MA,02139,42.3736,-71.1097,America/New_York
Worcester,MA,01608,42.2626,-71.8023,America/New_York
Springfield,MA,01103,42.1015,-72.5898,America/New_York
Providence,RI,02903,41.8240,-71.4128,America/New_York
Hartford,CT,06103,41.7658,-72.6734,America/New_York
New Haven,CT,06510,41.3083,-72.9279,America/New_York
Portland,ME,04101,43.6591,-70.2568,America/New_York
Manchester,NH,03101,42.9956,-71.4548,America/New_York
Burlington,VT,05401,44.4759,-73.2121,America/New_York
New York,NY,10001,40.7506,-73.9972,America/New_York
Brooklyn,NY,11201,40.6943,-73.9903,America/New_York
Albany,NY,12207,42.6526,-73.7562,America/New_York
Buffalo,NY,14202,42.8864,-78.8784,America/New_York
Rochester,NY,14604,43.1566,-77.6088,America/New_York
Syracuse,NY,13202,43.0481,-76.1474,America/New_York
Newark,NJ,07102,40.7357,-74.1724,America/New_York
Trenton,NJ,08608,40.2206,-74.7597,America/New_York
Philadelphia,PA,19103,39.9526,-75.1652,America/New_York
Pittsburgh,PA,15222,40.4406,-79.9959,America/New_York
Harrisburg,PA,17101,40.2732,-76.8867,America/New_York
Erie,PA,16501,42.1292,-80.0851,America/New_York
Wilmington,DE,19801,39.7391,-75.5398,America/New_York
Baltimore,MD,21201,39.2904,-76.6122,America/New_York
Washington,DC,20001,38.9072,-77.0369,America/New_York
Richmond,VA,23219,37.5407,-77.4360,America/New_York
Norfolk,VA,23510,36.8508,-76.2859,America/New_York
Roanoke,VA,24011,37.2710,-79.9414,America/New_York
Charleston,WV,25301,38.3498,-81.6326,America/New_York
Raleigh,NC,27601,35.7796,-78.6382,America/New_York
Charlotte,NC,28202,35.2271,-80.8431,America/New_York
Greensboro,NC,27401,36.0726,-79.7920,America/New_York
Columbia,SC,29201,34.0007,-81.0348,America/New_York
Greenville,SC,29601,34.8526,-82.3940,America/New_York
Atlanta,GA,30303,33.7490,-84.3880,America/New_York
Savannah,GA,31401,32.0809,-81.0912,America/New_York
Augusta,GA,30901,33.4735,-82.0105,America/New_York
Jacksonville,FL,32202,30.3322,-81.6557,America/New_York
Orlando,FL,32801,28.5383,-81.3792,America/New_York
Tampa,FL,33602,27.9506,-82.4572,America/New_York
Miami,FL,33130,25.7617,-80.1918,America/New_York
Tallahassee,FL,32301,30.4383,-84.2807,America/New_York
Columbus,OH,43215,39.9612,-82.9988,America/New_York
Cleveland,OH,44113,41.4993,-81.6944,America/New_York
Cincinnati,OH,45202,39.1031,-84.5120,America/New_York
Toledo,OH,43604,41.6528,-83.5379,America/New_York
Detroit,MI,48226,42.3314,-83.0458,America/Detroit
Grand Rapids,MI,49503,42.9634,-85.6681,America/Detroit
Lansing,MI,48933,42.7325,-84.5555,America/Detroit
Indianapolis,IN,46204,39.7684,-86.1581,America/Indiana/Indianapolis
Fort Wayne,IN,46802,41.0793,-85.1394,America/Indiana/Indianapolis
Louisville,KY,40202,38.2527,-85.7585,America/Kentucky/Louisville
Lexington,KY,40507,38.0406,-84.5037,America/New_York
Knoxville,TN,37902,35.9606,-83.9207,America/New_York
Nashville,TN,37203,36.1627,-86.7816,America/Chicago
Memphis,TN,38103,35.1495,-90.0490,America/Chicago
Birmingham,AL,35203,33.5186,-86.8104,America/Chicago
Mobile,AL,36602,30.6954,-88.0399,America/Chicago
Montgomery,AL,36104,32.3792,-86.3077,America/Chicago
Jackson,MS,39201,32.2988,-90.1848,America/Chicago
New Orleans,LA,70112,29.9511,-90.0715,America/Chicago
Baton Rouge,LA,70801,30.4515,-91.1871,America/Chicago
Shreveport,LA,71101,32.5252,-93.7502,America/Chicago
Little Rock,AR,72201,34.7465,-92.2896,America/Chicago
St. Louis,MO,63101,38.6270,-90.1994,America/Chicago
Kansas City,MO,64105,39.0997,-94.5786,America/Chicago
Springfield,MO,65806,37.2090,-93.2923,America/Chicago
Chicago,IL,60602,41.8781,-87.6298,America/Chicago
Peoria,IL,61602,40.6936,-89.5890,America/Chicago
Rockford,IL,61101,42.2711,-89.0940,America/Chicago
Milwaukee,WI,53202,43.0389,-87.9065,America/Chicago
Madison,WI,53703,43.0731,-89.4012,America/Chicago
Green Bay,WI,54301,44.5133,-88.0133,America/Chicago
Minneapolis,MN,55401,44.9778,-93.2650,America/Chicago
Duluth,MN,55802,46.7867,-92.1005,America/Chicago
Rochester,MN,55902,44.0121,-92.4802,America/Chicago
Des Moines,IA,50309,41.5868,-93.6250,America/Chicago
Cedar Rapids,IA,52401,41.9779,-91.6656,America/Chicago
Omaha,NE,68102,41.2565,-95.9345,America/Chicago
Lincoln,NE,68508,40.8136,-96.7026,America/Chicago
Wichita,KS,67202,37.6872,-97.3301,America/Chicago
Topeka,KS,66603,39.0473,-95.6752,America/Chicago
Oklahoma City,OK,73102,35.4676,-97.5164,America/Chicago
Tulsa,OK,74103,36.1540,-95.9928,America/Chicago
Dallas,TX,75201,32.7767,-96.7970,America/Chicago
Fort Worth,TX,76102,32.7555,-97.3308,America/Chicago
Austin,TX,78701,30.2672,-97.7431,America/Chicago
Houston,TX,77002,29.7604,-95.3698,America/Chicago
San Antonio,TX,78205,29.4241,-98.4936,America/Chicago
El Paso,TX,79901,31.7619,-106.4850,America/Denver
Lubbock,TX,79401,33.5779,-101.8552,America/Chicago
Amarillo,TX,79101,35.2220,-101.8313,America/Chicago
Corpus Christi,TX,78401,27.8006,-97.3964,America/Chicago
Fargo,ND,58102,46.8772,-96.7898,America/Chicago
Bismarck,ND,58501,46.8083,-100.7837,America/Chicago
Sioux Falls,SD,57104,43.5446,-96.7311,America/Chicago
Rapid City,SD,57701,44.0805,-103.2310,America/Denver
Billings,MT,59101,45.7833,-108.5007,America/Denver
Missoula,MT,59802,46.8721,-113.9940,America/Denver
Cheyenne,WY,82001,41.1400,-104.8202,America/Denver
Casper,WY,82601,42.8666,-106.3131,America/Denver
Denver,CO,80202,39.7392,-104.9903,America/Denver
Colorado Springs,CO,80903,38.8339,-104.8214,America/Denver
Fort Collins,CO,80524,40.5853,-105.0844,America/Denver
Grand Junction,CO,81501,39.0639,-108.5506,America/Denver
Albuquerque,NM,87102,35.0844,-106.6504,America/Denver
Santa Fe,NM,87501,35.6870,-105.9378,America/Denver
Phoenix,AZ,85004,33.4484,-112.0740,America/Phoenix
Tucson,AZ,85701,32.2226,-110.9747,America/Phoenix
Flagstaff,AZ,86001,35.1983,-111.6513,America/Phoenix
Salt Lake City,UT,84101,40.7608,-111.8910,America/Denver
Provo,UT,84601,40.2338,-111.6585,America/Denver
St. George,UT,84770,37.0965,-113.5684,America/Denver
Boise,ID,83702,43.6150,-116.2023,America/Boise
Idaho Falls,ID,83402,43.4917,-112.0339,America/Boise
Las Vegas,NV,89101,36.1699,-115.1398,America/Los_Angeles
Reno,NV,89501,39.5296,-119.8138,America/Los_Angeles
Seattle,WA,98101,47.6062,-122.3321,America/Los_Angeles
Spokane,WA,99201,47.6588,-117.4260,America/Los_Angeles
Tacoma,WA,98402,47.2529,-122.4443,America/Los_Angeles
Portland,OR,97204,45.5152,-122.6784,America/Los_Angeles
Eugene,OR,97401,44.0521,-123.0868,America/Los_Angeles
Bend,OR,97701,44.0582,-121.3153,America/Los_Angeles
San Francisco,CA,94103,37.7749,-122.4194,America/Los_Angeles
Oakland,CA,94612,37.8044,-122.2712,America/Los_Angeles
San Jose,CA,95113,37.3382,-121.8863,America/Los_Angeles
Sacramento,CA,95814,38.5816,-121.4944,America/Los_Angeles
Fresno,CA,93721,36.7378,-119.7871,America/Los_Angeles
Bakersfield,CA,93301,35.3733,-119.0187,America/Los_Angeles
Los Angeles,CA,90012,34.0522,-118.2437,America/Los_Angeles
Long Beach,CA,90802,33.7701,-118.1937,America/Los_Angeles
Anaheim,CA,92805,33.8366,-117.9143,America/Los_Angeles
Riverside,CA,92501,33.9806,-117.3755,America/Los_Angeles
San Diego,CA,92101,32.7157,-117.1611,America/Los_Angeles
Santa Barbara,CA,93101,34.4208,-119.6982,America/Los_Angeles
Redding,CA,96001,40.5865,-122.3917,America/Los_Angeles
Eureka,CA,95501,40.8021,-124.1637,America/Los_Angeles
Honolulu,HI,96813,21.3069,-157.8583,Pacific/Honolulu
Hilo,HI,96720,19.7074,-155.0885,Pacific/Honolulu
Anchorage,AK,99501,61.2181,-149.9003,America/Anchorage
Fairbanks,AK,99701,64.8378,-147.7164,America/Anchorage
Juneau,AK,99801,58.3019,-134.4197,America/Juneau
Concord,NH,03301,43.2081,-71.5376,America/New_York
Bangor,ME,04401,44.8012,-68.7778,America/New_York
Stamford,CT,06901,41.0534,-73.5387,America/New_York
Asheville,NC,28801,35.5951,-82.5515,America/New_York
Chattanooga,TN,37402,35.0456,-85.3097,America/New_York
Pensacola,FL,32502,30.4213,-87.2169,America/Chicago
Waco,TX,76701,31.5493,-97.1467,America/Chicago
Laredo,TX,78040,27.5306,-99.4803,America/Chicago
"""


def write(file: Path) -> None:
    """Write the table."""
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(
            ("name", "label", "number", "country", "region", "area", "postal_code", "latitude", "longitude",
             "time_zone", "max_calls")
        )  # fmt: skip
        for number, line in enumerate(_TOWNS.splitlines()):
            town, state, code, latitude, longitude, zone = line.split(",")
            name = f"{town}_{state}".lower().replace(" ", "_").replace(".", "")
            # Numbers kept for fiction in the North American plan: 555-0100 to 555-0199.
            phone = f"+1{212 + number}5550{100 + number % 100}"
            table.writerow(
                (name, f"{town} store", phone, "US", state, town, code, latitude, longitude, zone, 2)
            )


if __name__ == "__main__":
    write(Path(__file__).parent / "stores" / "franchises.csv")
