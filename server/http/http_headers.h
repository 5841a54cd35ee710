#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

#include <optional>
#include <utility>

namespace skillbox {

/// Header fields in the order they came (RFC 9110 §5). Names compare without case; a name may come
/// more than once.
class HttpHeaders
{
public:
    /// The first field of that name; nullopt: there is none.
    std::optional<QByteArray> value(QByteArrayView name) const;
    QList<QByteArray> values(QByteArrayView name) const;
    void add(QByteArray name, QByteArray value);
    /// Replaces every field of that name by one.
    void set(QByteArray name, QByteArray value);
    void remove(QByteArrayView name);
    const QList<std::pair<QByteArray, QByteArray>> &fields() const { return m_fields; }

private:
    QList<std::pair<QByteArray, QByteArray>> m_fields;
};

} // namespace skillbox
