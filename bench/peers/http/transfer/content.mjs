/** What is downloaded: 100 MiB in pieces of 64 KiB. It is one piece again and again, so that what memory grows by is the server's doing. */
export const contentBytes = 100 * 1024 * 1024;
export const pieceBytes = 64 * 1024;
export const piece = new Uint8Array(pieceBytes).fill(0x61);
