#pragma once

#include <QByteArray>
#include <QJsonValue>
#include <QLatin1StringView>
#include <QString>

#include <memory>

namespace skillbox {

/// Writes an answer as compact JSON in the order it is told; QJsonObject would sort the members,
/// and shell clients rely on the contract's order.
class JsonOutput
{
public:
    JsonOutput();
    ~JsonOutput();

    JsonOutput &beginObject();
    JsonOutput &endObject();
    JsonOutput &beginArray();
    JsonOutput &endArray();
    JsonOutput &key(const char *name);
    JsonOutput &value(const QString &text);
    JsonOutput &value(QLatin1StringView text);
    JsonOutput &value(qint64 number);
    JsonOutput &value(bool truth);
    JsonOutput &value(const QJsonValue &value);
    JsonOutput &value(const char *) = delete; // would pass for a bool
    /// A value that is JSON already.
    JsonOutput &raw(QByteArrayView json);
    JsonOutput &rawMember(const char *name, QByteArrayView json) { return key(name).raw(json); }
    /// Text that is valid UTF-8 already.
    JsonOutput &utf8Member(const char *name, QByteArrayView text);

    template<typename T>
    JsonOutput &member(const char *name, const T &content)
    {
        return key(name).value(content);
    }
    /// Left out when empty.
    JsonOutput &memberIfAny(const char *name, const QString &text)
    {
        return text.isEmpty() ? *this : key(name).value(text);
    }

    QByteArray bytes() const;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace skillbox
