#include "app/cli/json_writer.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace skillbox {

struct JsonWriter::Private {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonWriter::JsonWriter() : d(std::make_unique<Private>()) { }

JsonWriter::~JsonWriter() = default;

JsonWriter &JsonWriter::beginObject()
{
    d->writer.StartObject();
    return *this;
}

JsonWriter &JsonWriter::endObject()
{
    d->writer.EndObject();
    return *this;
}

JsonWriter &JsonWriter::beginArray()
{
    d->writer.StartArray();
    return *this;
}

JsonWriter &JsonWriter::endArray()
{
    d->writer.EndArray();
    return *this;
}

JsonWriter &JsonWriter::key(const QString &name)
{
    const QByteArray utf8 = name.toUtf8();
    d->writer.Key(utf8.constData(), static_cast<rapidjson::SizeType>(utf8.size()));
    return *this;
}

JsonWriter &JsonWriter::value(const QString &text)
{
    const QByteArray utf8 = text.toUtf8();
    d->writer.String(utf8.constData(), static_cast<rapidjson::SizeType>(utf8.size()));
    return *this;
}

JsonWriter &JsonWriter::value(qint64 number)
{
    d->writer.Int64(number);
    return *this;
}

JsonWriter &JsonWriter::value(bool truth)
{
    d->writer.Bool(truth);
    return *this;
}

JsonWriter &JsonWriter::raw(const QByteArray &json)
{
    d->writer.RawValue(json.constData(), static_cast<size_t>(json.size()), rapidjson::kObjectType);
    return *this;
}

QByteArray JsonWriter::bytes() const
{
    return QByteArray(d->buffer.GetString(), static_cast<qsizetype>(d->buffer.GetSize()));
}

} // namespace skillbox
