/**
 * The test picture, 320x180 in planar YUV 4:2:0, made so that a decoded frame tells which one it is. In a grid of 8x4
 * cells (40x45 pixels): rows 0 and 1 are eight bars of rising luma and changing colour; across row 2 moves a white box,
 * once per two seconds; row 3 is the number of the picture in binary, most significant bit left, white for 1.
 */
export const WIDTH = 320;
export const HEIGHT = 180;

const COLUMN = WIDTH / 8;
const ROW = HEIGHT / 4;
const BLACK = 24;
const WHITE = 224;
const NEUTRAL = 128;
/** Luma of the bars, left to right. */
export const BAR_LUMA: readonly number[] = [40, 64, 88, 112, 136, 160, 184, 208];
const BAR_CHROMA: readonly (readonly [u: number, v: number])[] = [
  [168, 110],
  [90, 90],
  [110, 168],
  [90, 168],
  [168, 90],
  [128, 100],
  [110, 120],
  [128, 128],
];

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Picture number `index`; numbers above 255 show their lowest 8 bits. */
export function drawPicture(index: number): Buffer {
  const picture = Buffer.alloc((WIDTH * HEIGHT * 3) / 2, BLACK);
  picture.fill(NEUTRAL, WIDTH * HEIGHT);
  BAR_LUMA.forEach((luma, column) => {
    const [u, v] = BAR_CHROMA[column] ?? [NEUTRAL, NEUTRAL];
    fill(picture, { x: column * COLUMN, y: 0, width: COLUMN, height: 2 * ROW }, [luma, u, v]);
    const bit = (index >> (7 - column)) & 1;
    const cell = { x: column * COLUMN, y: 3 * ROW, width: COLUMN, height: ROW };
    fill(picture, cell, [bit === 1 ? WHITE : BLACK, NEUTRAL, NEUTRAL]);
  });
  const x = Math.round(((index % 50) / 50) * (WIDTH - COLUMN)) & ~1;
  fill(picture, { x, y: 2 * ROW + 2, width: COLUMN, height: ROW - 5 }, [WHITE, NEUTRAL, NEUTRAL]);
  return picture;
}

function fill(picture: Buffer, box: Box, [luma, u, v]: readonly [number, number, number]): void {
  fillPlane(picture, { at: 0, stride: WIDTH, value: luma }, box);
  const half = { x: box.x >> 1, y: box.y >> 1, width: box.width >> 1, height: (box.height + 1) >> 1 };
  const chroma = WIDTH * HEIGHT;
  fillPlane(picture, { at: chroma, stride: WIDTH / 2, value: u }, half);
  fillPlane(picture, { at: chroma + chroma / 4, stride: WIDTH / 2, value: v }, half);
}

function fillPlane(picture: Buffer, plane: { at: number; stride: number; value: number }, box: Box): void {
  const rows = plane.at === 0 ? HEIGHT : HEIGHT / 2;
  for (let row = box.y; row < Math.min(box.y + box.height, rows); row += 1) {
    const from = plane.at + row * plane.stride + box.x;
    picture.fill(plane.value, from, from + box.width);
  }
}
