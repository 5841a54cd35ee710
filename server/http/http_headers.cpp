#include "server/http/http_headers.h"

#include <algorithm>

namespace skillbox {

namespace {

bool sameFieldName(QByteArrayView a, QByteArrayView b)
{
    return a.compare(b, Qt::CaseInsensitive) == 0;
}

} // namespace

std::optional<QByteArray> HttpHeaders::value(QByteArrayView name) const
{
    for (const auto &[field, text] : m_fields) {
        if (sameFieldName(field, name))
            return text;
    }
    return std::nullopt;
}

QList<QByteArray> HttpHeaders::values(QByteArrayView name) const
{
    QList<QByteArray> all;
    for (const auto &[field, text] : m_fields) {
        if (sameFieldName(field, name))
            all.append(text);
    }
    return all;
}

void HttpHeaders::add(QByteArray name, QByteArray value)
{
    m_fields.emplace_back(std::move(name), std::move(value));
}

void HttpHeaders::set(QByteArray name, QByteArray value)
{
    remove(name);
    add(std::move(name), std::move(value));
}

void HttpHeaders::remove(QByteArrayView name)
{
    m_fields.removeIf([&](const auto &field) { return sameFieldName(field.first, name); });
}

} // namespace skillbox
