/** What the page shows: texts with characters that have to be escaped. */
export const title = "Gears & wheels";

export const parts = Array.from({ length: 20 }, (_, i) => ({
  id: 1000 + i,
  name: `Wheel & axle no. ${i + 1}`,
  note: `bore < ${i + 5} mm, brass & steel`,
  price: `${i + 12}.50`,
}));
