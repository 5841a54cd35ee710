#include "app/desktop/artifacts/open_with.h"

#include <QFileInfo>
#include <QSet>

using namespace Qt::StringLiterals;

namespace skillbox {

bool opensHarmlessly(const QString &name, const QString &contentType)
{
    // By the name: it is what the other system goes by. A list of the harmless, because nobody has
    // one of the harmful.
    static const QSet<QString> harmless{
        u"png"_s, u"jpg"_s, u"jpeg"_s, u"gif"_s, u"bmp"_s,  u"webp"_s,  u"tif"_s,    u"tiff"_s,
        u"txt"_s, u"log"_s, u"csv"_s,  u"tsv"_s, u"json"_s, u"jsonl"_s, u"ndjson"_s, u"yaml"_s,
        u"yml"_s, u"md"_s,  u"pdf"_s,  u"mp3"_s, u"mp4"_s,  u"wav"_s,   u"webm"_s,
    };
    const QString suffix = QFileInfo(name).suffix().toLower();
    return harmless.contains(suffix) && !contentType.contains("executable"_L1);
}

} // namespace skillbox
