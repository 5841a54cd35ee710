#pragma once

#include "engine/execution/schema_document.h"

#include <QString>

#include <cmath>

namespace skillbox {

// Small questions about JSON values that the parts of a check share.

inline QString utf16(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

inline bool isInteger(const JsonValue &value)
{
    if (value.IsDouble()) {
        const double number = value.GetDouble();
        return std::isfinite(number) && std::floor(number) == number;
    }
    return value.IsInt64() || value.IsUint64();
}

inline QString numberText(const JsonValue &number)
{
    if (number.IsInt64())
        return QString::number(number.GetInt64());
    if (number.IsUint64())
        return QString::number(number.GetUint64());
    return QString::number(number.GetDouble(), 'g', 15);
}

} // namespace skillbox
