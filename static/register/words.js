// What the preview of a sheet says of its columns and of what is wrong with its rows.

export const FIELDS = {
  camera: 'Camera: its address or name', latitude: 'Latitude', longitude: 'Longitude', location: 'Place', district: 'District',
  mandal: 'Mandal, taluk or sub-district', old_district: 'Old district', camera_type: 'Kind of camera',
  analytics_type: 'Analytics', picture_url: 'Address of its picture',
};

export const HOW = {
  alias: 'by its heading', near: 'by a heading much like it: is this right?', values: 'by what stands in it: is this right?', chosen: 'chosen', position: 'chosen by its letter',
};

const OFF_MAP = 'The cameras are kept and stay off the map. Correct the cells in the sheet, then choose it again.';
const NOTHING = 'Nothing need be done.';

/** By code: what it is, and what to do about it. */
export const PROBLEMS = {
  no_camera_column: ['No column names the cameras', 'Choose it above; no picture finds its place without it.'],
  no_coordinate_columns: ['No columns with coordinates', 'Choose them above, or continue without a map.'],
  no_coordinates: ['Rows without coordinates', OFF_MAP],
  not_a_coordinate: ['Cells that are no coordinate', OFF_MAP],
  out_of_range: ['Coordinates that are nowhere on Earth', OFF_MAP],
  zero_zero: ['Coordinates 0, 0', `They were never filled in. ${OFF_MAP}`],
  row_swapped: ['Latitude and longitude exchanged in a row', `Read the other way round. ${NOTHING}`],
  columns_swapped: ['Latitude and longitude exchanged in the whole sheet', `Read the other way round. ${NOTHING} If that is wrong, choose both columns above.`],
  empty_key: ['Rows that name no camera', 'No picture can belong to them. Fill them in, or leave them.'],
  duplicate_key: ['Cameras that stand in two rows', 'The first row counts. Remove the other, or name it differently.'],
  total_row: ['Rows of totals', `They are no cameras and are passed over. ${NOTHING}`],
  note_row: ['Notes below the cameras', `They are no cameras and are passed over. ${NOTHING}`],
  repeated_headings: ['Headings repeated among the rows', `They are passed over. ${NOTHING}`],
  bad_url: ['Addresses of pictures that can’t be used', 'The camera stays on the map; only its picture is not fetched.'],
  duplicate_url: ['One address for pictures of two cameras', 'The picture counts for the first one. Give the other its own.'],
  text_cut: ['Texts longer than 500 characters', `The rest is left out. ${NOTHING}`],
  other_sheet: ['Another sheet of the file looks like a register too', 'Choose it above, or put all cameras into one sheet.'],
  more_problems: ['More problems than are listed', 'Correct these first.'],
};
