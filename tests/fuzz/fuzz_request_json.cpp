// The JSON body of a request as bytes: what the reader makes of it agrees with another parser.

#include "tests/fuzz/require.h"

#include "server/api/json/json_reader.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

void checkText(JsonReader &reader, QLatin1StringView name, const QJsonValue &other)
{
    const bool alreadyWrong = reader.error().has_value();
    const QString text = reader.text(name);
    if (other.isString())
        FUZZ_REQUIRE(text == other.toString());
    else
        FUZZ_REQUIRE(text.isEmpty() && (alreadyWrong || other.isNull() || other.isUndefined()
                                        || reader.error().has_value()));
}

void checkTexts(JsonReader &reader, QLatin1StringView name, const QJsonValue &other)
{
    const QStringList texts = reader.texts(name);
    const QJsonArray array = other.toArray();
    for (qsizetype i = 0; i < texts.size(); ++i)
        FUZZ_REQUIRE(texts.size() == array.size() && texts[i] == array[i].toString());
}

void checkMap(JsonReader &reader, QLatin1StringView name, const QJsonValue &other)
{
    const QMap<QString, QString> map = reader.textMap(name);
    const QJsonObject object = other.toObject();
    for (auto it = map.cbegin(); it != map.cend(); ++it)
        FUZZ_REQUIRE(object.value(it.key()).toString() == it.value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView body(data, static_cast<qsizetype>(size));
    auto reader = JsonReader::parse(body);
    if (!reader) {
        FUZZ_REQUIRE(reader.error().code == ErrorCode::BadRequest);
        FUZZ_REQUIRE(!reader.error().message.isEmpty());
        return 0;
    }
    for (const QLatin1StringView name : {"skill"_L1, "env"_L1, "input"_L1, "input_files"_L1}) {
        const JsonText value = reader->value(name);
        FUZZ_REQUIRE(value.isEmpty() != reader->has(name));
        if (!value.isEmpty())
            FUZZ_REQUIRE(JsonText::parse(value.bytes())->bytes() == value.bytes());
    }
    // Of a key that comes twice Qt, too, takes the last.
    QJsonParseError error;
    const QJsonObject other
        = QJsonDocument::fromJson(JsonText::parse(body)->bytes(), &error).object();
    if (error.error != QJsonParseError::NoError)
        return 0; // deeper or larger than Qt goes
    checkText(*reader, "skill"_L1, other.value("skill"_L1));
    checkTexts(*reader, "input_files"_L1, other.value("input_files"_L1));
    checkMap(*reader, "env"_L1, other.value("env"_L1));
    reader->flag("flag"_L1);
    reader->number("number"_L1);
    return 0;
}
