#include "server/http/http_request.h"

#include <algorithm>

namespace skillbox {

QString HttpRequest::queryValue(QStringView name) const
{
    for (const auto &[key, value] : query) {
        if (key == name)
            return value;
    }
    return {};
}

bool HttpRequest::hasQuery(QStringView name) const
{
    return std::any_of(query.cbegin(), query.cend(),
                       [name](const auto &entry) { return entry.first == name; });
}

} // namespace skillbox
