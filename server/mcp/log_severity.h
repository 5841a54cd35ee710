#pragma once

#include <QString>
#include <QStringView>

#include <array>
#include <optional>

namespace skillbox {

/// The protocol's levels are those of syslog (RFC 5424 §6.2.1); a larger number is more severe.
inline std::optional<int> logSeverityFromName(QStringView name)
{
    constexpr std::array<QStringView, 8> names{u"debug", u"info",     u"notice", u"warning",
                                               u"error", u"critical", u"alert",  u"emergency"};
    for (size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name)
            return static_cast<int>(i);
    }
    return std::nullopt;
}

inline constexpr int infoSeverity = 1;

} // namespace skillbox
