#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QString>

#include <memory>

namespace skillbox {

/// Writes compact JSON in the order it is told, which QJsonObject would sort: people and shell
/// scripts read this output.
class JsonWriter
{
public:
    JsonWriter();
    ~JsonWriter();

    JsonWriter &beginObject();
    JsonWriter &endObject();
    JsonWriter &beginArray();
    JsonWriter &endArray();
    JsonWriter &key(const QString &name);
    JsonWriter &value(const QString &text);
    JsonWriter &value(qint64 number);
    JsonWriter &value(bool truth);
    JsonWriter &value(const char *) = delete; // would pass for a bool
    /// JSON text that is valid already.
    JsonWriter &raw(const QByteArray &json);

    template<typename T>
    JsonWriter &member(const QString &name, const T &content)
    {
        return key(name).value(content);
    }
    /// Left out when empty.
    JsonWriter &memberIfAny(const QString &name, const QString &text)
    {
        return text.isEmpty() ? *this : key(name).value(text);
    }

    QByteArray bytes() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace skillbox
