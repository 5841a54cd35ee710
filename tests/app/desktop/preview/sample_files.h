#pragma once

#include <QBuffer>
#include <QByteArray>
#include <QImage>
#include <QList>
#include <QtEndian>

namespace skillbox::test {

// Pictures, drawings and documents for tests, some of which lie about themselves.

inline quint32 crcOf(const QByteArray &bytes)
{
    quint32 crc = 0xffffffff;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

inline QByteArray bigEndian(quint32 number)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(number, bytes.data());
    return bytes;
}

inline QByteArray pngChunk(const QByteArray &type, const QByteArray &content)
{
    return bigEndian(static_cast<quint32>(content.size())) + type + content
        + bigEndian(crcOf(type + content));
}

/// A PNG that says it has this size, with the pixels of one line at most.
inline QByteArray pngOf(quint32 width, quint32 height)
{
    return QByteArray("\x89PNG\r\n\x1a\n")
        + pngChunk("IHDR", bigEndian(width) + bigEndian(height) + QByteArray("\x08\x06\0\0\0", 5))
        + pngChunk("IDAT", qCompress(QByteArray(100'000, '\0'), 9).sliced(4))
        + pngChunk("IEND", {});
}

inline QByteArray pngFrom(const QImage &image)
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

inline QByteArray realPng(int width, int height, const QColor &color = Qt::red)
{
    QImage image(width, height, QImage::Format_RGB32);
    image.fill(color);
    return pngFrom(image);
}

inline QByteArray svgOf(const QByteArray &content)
{
    return "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' "
           "viewBox='0 0 100 50'>"
        + content + "</svg>";
}

/// Objects by number, with a table that says where they are.
inline QByteArray pdfOf(const QList<QByteArray> &objects)
{
    QByteArray bytes = "%PDF-1.4\n";
    QByteArray table = "xref\n0 " + QByteArray::number(objects.size() + 1)
        + "\n0000000000 65535 f \n";
    for (qsizetype i = 0; i < objects.size(); ++i) {
        table += QByteArray::number(bytes.size()).rightJustified(10, '0') + " 00000 n \n";
        bytes += QByteArray::number(i + 1) + " 0 obj\n" + objects.at(i) + "\nendobj\n";
    }
    const QByteArray start = QByteArray::number(bytes.size());
    return bytes + table + "trailer<</Size " + QByteArray::number(objects.size() + 1)
        + "/Root 1 0 R>>\nstartxref\n" + start + "\n%%EOF";
}

inline QByteArray pdfWithPages(const QList<QByteArray> &texts)
{
    QList<QByteArray> objects{"<</Type/Catalog/Pages 2 0 R>>",
                              {},
                              "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"};
    QByteArray kids;
    for (const QByteArray &text : texts) {
        const QByteArray content = "BT /F1 24 Tf 30 100 Td (" + text + ") Tj ET";
        objects += "<</Length " + QByteArray::number(content.size()) + ">>stream\n" + content
            + "\nendstream";
        objects += "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<</Font<</F1 3 0 R>>>>"
                   "/Contents "
            + QByteArray::number(objects.size()) + " 0 R>>";
        kids += QByteArray::number(objects.size()) + " 0 R ";
    }
    objects[1] = "<</Type/Pages/Kids[" + kids + "]/Count " + QByteArray::number(texts.size())
        + ">>";
    return pdfOf(objects);
}

} // namespace skillbox::test
