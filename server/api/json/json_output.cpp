#include "server/api/json/json_output.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <QJsonArray>
#include <QJsonDocument>

namespace skillbox {

struct JsonOutput::Private {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};

    void text(QByteArrayView utf8)
    {
        writer.String(utf8.data() ? utf8.data() : "",
                      static_cast<rapidjson::SizeType>(utf8.size()));
    }
};

JsonOutput::JsonOutput() : d(std::make_unique<Private>()) { }

JsonOutput::~JsonOutput() = default;

JsonOutput &JsonOutput::beginObject()
{
    d->writer.StartObject();
    return *this;
}

JsonOutput &JsonOutput::endObject()
{
    d->writer.EndObject();
    return *this;
}

JsonOutput &JsonOutput::beginArray()
{
    d->writer.StartArray();
    return *this;
}

JsonOutput &JsonOutput::endArray()
{
    d->writer.EndArray();
    return *this;
}

JsonOutput &JsonOutput::key(const char *name)
{
    d->writer.Key(name);
    return *this;
}

JsonOutput &JsonOutput::value(const QString &text)
{
    d->text(text.toUtf8());
    return *this;
}

JsonOutput &JsonOutput::value(QLatin1StringView text)
{
    return value(QString(text));
}

JsonOutput &JsonOutput::value(qint64 number)
{
    d->writer.Int64(number);
    return *this;
}

JsonOutput &JsonOutput::value(bool truth)
{
    d->writer.Bool(truth);
    return *this;
}

JsonOutput &JsonOutput::value(const QJsonValue &value)
{
    // QJsonDocument takes no bare scalars in Qt 6.4: wrap and cut the brackets off.
    const QByteArray wrapped = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return raw(QByteArrayView(wrapped).sliced(1, wrapped.size() - 2));
}

JsonOutput &JsonOutput::raw(QByteArrayView json)
{
    d->writer.RawValue(json.data(), static_cast<size_t>(json.size()), rapidjson::kObjectType);
    return *this;
}

JsonOutput &JsonOutput::utf8Member(const char *name, QByteArrayView text)
{
    d->writer.Key(name);
    d->text(text);
    return *this;
}

QByteArray JsonOutput::bytes() const
{
    return {d->buffer.GetString(), static_cast<qsizetype>(d->buffer.GetSize())};
}

} // namespace skillbox
