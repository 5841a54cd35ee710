/* Draws the glyphs of assets/font.bin, which scripts/font.py reads. Needed only to change sizes or
 * characters:
 *
 *   cc make_font.c $(pkg-config --cflags --libs freetype2 zlib) -o make_font
 *   ./make_font DejaVuSans.ttf 24 DejaVuSans-Bold.ttf 38 > font.bin
 *
 * Format, zlib-compressed, little-endian: u8 number of faces; for each u8 size in pixels,
 * u8 ascent, u16 number of glyphs; for each glyph u32 code point, u8 advance, i8 left, i8 top (of the
 * bitmap above the baseline), u8 width, u8 height, then rows of 4-bit coverage, two pixels a byte,
 * each row padded to a byte.
 */
#include <ft2build.h>
#include FT_FREETYPE_H
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static unsigned char data[1 << 20];
static size_t used;

static void put(unsigned long value, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        data[used++] = (unsigned char)(value >> (8 * i));
}

static int wanted(unsigned long c)
{
    return (c >= 0x20 && c <= 0x7e) || (c >= 0xa0 && c <= 0x17f)     /* Latin */
        || (c >= 0x391 && c <= 0x3c9) || (c >= 0x400 && c <= 0x45f)  /* Greek, Cyrillic */
        || (c >= 0x2010 && c <= 0x2026) || c == 0x20ac               /* dashes, quotes, euro, minus */
        || c == 0x2212 || c == 0x2264 || c == 0x2265 || c == 0xfffd;
}

static void add_face(FT_Library library, const char *path, int size)
{
    FT_Face face;
    if (FT_New_Face(library, path, 0, &face) || FT_Set_Pixel_Sizes(face, 0, size)) {
        fprintf(stderr, "make_font: cannot use %s\n", path);
        exit(1);
    }
    put(size, 1);
    put((face->size->metrics.ascender + 63) / 64, 1);
    size_t count_at = used;
    put(0, 2);
    unsigned count = 0;
    for (unsigned long c = 0x20; c < 0x10000; ++c) {
        if (!wanted(c) || !FT_Get_Char_Index(face, c)
            || FT_Load_Char(face, c, FT_LOAD_RENDER | FT_LOAD_TARGET_LIGHT))
            continue;
        FT_GlyphSlot slot = face->glyph;
        put(c, 4);
        put((slot->advance.x + 32) / 64, 1);
        put((unsigned char)slot->bitmap_left, 1);
        put((unsigned char)slot->bitmap_top, 1);
        put(slot->bitmap.width, 1);
        put(slot->bitmap.rows, 1);
        for (unsigned y = 0; y < slot->bitmap.rows; ++y) {
            const unsigned char *row = slot->bitmap.buffer + y * slot->bitmap.pitch;
            for (unsigned x = 0; x < slot->bitmap.width; x += 2) {
                unsigned right = x + 1 < slot->bitmap.width ? row[x + 1] : 0;
                put((row[x] + 8) / 17 << 4 | (right + 8) / 17, 1);
            }
        }
        ++count;
    }
    data[count_at] = (unsigned char)count;
    data[count_at + 1] = (unsigned char)(count >> 8);
    FT_Done_Face(face);
}

int main(int argc, char **argv)
{
    FT_Library library;
    if (argc < 3 || FT_Init_FreeType(&library))
        return 1;
    put((argc - 1) / 2, 1);
    for (int i = 1; i + 1 < argc; i += 2)
        add_face(library, argv[i], atoi(argv[i + 1]));
    static unsigned char packed[1 << 20];
    uLongf length = sizeof packed;
    if (compress2(packed, &length, data, used, 9) != Z_OK)
        return 1;
    fwrite(packed, 1, length, stdout);
    return 0;
}
