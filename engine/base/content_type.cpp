#include "engine/base/content_type.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct ContentType {
    QLatin1StringView extension;
    QLatin1StringView type;
};

// Types of the IANA registry. Text types carry their charset: skills write UTF-8.
constexpr std::array contentTypes{
    ContentType{"7z"_L1, "application/x-7z-compressed"_L1},
    ContentType{"avif"_L1, "image/avif"_L1},
    ContentType{"bmp"_L1, "image/bmp"_L1},
    ContentType{"bz2"_L1, "application/x-bzip2"_L1},
    ContentType{"css"_L1, "text/css; charset=utf-8"_L1},
    ContentType{"csv"_L1, "text/csv; charset=utf-8"_L1},
    ContentType{"docx"_L1,
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"_L1},
    ContentType{"geojson"_L1, "application/geo+json"_L1},
    ContentType{"gif"_L1, "image/gif"_L1},
    ContentType{"gz"_L1, "application/gzip"_L1},
    ContentType{"htm"_L1, "text/html; charset=utf-8"_L1},
    ContentType{"html"_L1, "text/html; charset=utf-8"_L1},
    ContentType{"ics"_L1, "text/calendar; charset=utf-8"_L1},
    ContentType{"jpeg"_L1, "image/jpeg"_L1},
    ContentType{"jpg"_L1, "image/jpeg"_L1},
    ContentType{"js"_L1, "text/javascript; charset=utf-8"_L1},
    ContentType{"json"_L1, "application/json"_L1},
    ContentType{"jsonl"_L1, "application/jsonl"_L1},
    ContentType{"log"_L1, "text/plain; charset=utf-8"_L1},
    ContentType{"md"_L1, "text/markdown; charset=utf-8"_L1},
    ContentType{"mp3"_L1, "audio/mpeg"_L1},
    ContentType{"mp4"_L1, "video/mp4"_L1},
    ContentType{"ndjson"_L1, "application/x-ndjson"_L1},
    ContentType{"parquet"_L1, "application/vnd.apache.parquet"_L1},
    ContentType{"pdf"_L1, "application/pdf"_L1},
    ContentType{"png"_L1, "image/png"_L1},
    ContentType{"pptx"_L1,
                "application/vnd.openxmlformats-officedocument.presentationml.presentation"_L1},
    ContentType{"py"_L1, "text/x-python; charset=utf-8"_L1},
    ContentType{"sh"_L1, "text/x-shellscript; charset=utf-8"_L1},
    ContentType{"sqlite"_L1, "application/vnd.sqlite3"_L1},
    ContentType{"svg"_L1, "image/svg+xml"_L1},
    ContentType{"tar"_L1, "application/x-tar"_L1},
    ContentType{"tif"_L1, "image/tiff"_L1},
    ContentType{"tiff"_L1, "image/tiff"_L1},
    ContentType{"tsv"_L1, "text/tab-separated-values; charset=utf-8"_L1},
    ContentType{"txt"_L1, "text/plain; charset=utf-8"_L1},
    ContentType{"wav"_L1, "audio/wav"_L1},
    ContentType{"webm"_L1, "video/webm"_L1},
    ContentType{"webp"_L1, "image/webp"_L1},
    ContentType{"xlsx"_L1, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"_L1},
    ContentType{"xml"_L1, "application/xml"_L1},
    ContentType{"xz"_L1, "application/x-xz"_L1},
    ContentType{"yaml"_L1, "application/yaml"_L1},
    ContentType{"yml"_L1, "application/yaml"_L1},
    ContentType{"zip"_L1, "application/zip"_L1},
    ContentType{"zst"_L1, "application/zstd"_L1},
};

} // namespace

QString contentTypeOf(QStringView path)
{
    const qsizetype dot = path.lastIndexOf(u'.');
    if (dot > path.lastIndexOf(u'/')) {
        const QStringView extension = path.sliced(dot + 1);
        const auto found = std::find_if(
            contentTypes.begin(), contentTypes.end(), [extension](const ContentType &known) {
                return extension.compare(known.extension, Qt::CaseInsensitive) == 0;
            });
        if (found != contentTypes.end())
            return found->type;
    }
    return u"application/octet-stream"_s;
}

} // namespace skillbox
