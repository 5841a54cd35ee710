#pragma once

#include <QHashFunctions>
#include <QString>

#include <compare>

namespace skillbox {

/// A text id that cannot be mixed up with another kind of id.
template<typename Tag>
struct Id {
    QString value;

    bool isEmpty() const { return value.isEmpty(); }
    friend bool operator==(const Id &a, const Id &b) { return a.value == b.value; }
    friend bool operator<(const Id &a, const Id &b) { return a.value < b.value; }
    friend size_t qHash(const Id &id, size_t seed = 0) { return ::qHash(id.value, seed); }
};

using TenantId = Id<struct TenantTag>;
using ExecutionId = Id<struct ExecutionTag>;
using FileId = Id<struct FileTag>;
using KeyId = Id<struct KeyTag>;
using InstanceId = Id<struct InstanceTag>; ///< one engine process

/// The tenant of the embedded engine: the person at this machine.
inline TenantId localTenant() { return {QStringLiteral("local")}; }

/// A fresh random UUID as lower-case text without braces (RFC 9562 version 4). Thread-safe.
QString newUuid();

/// Whether `text` is a UUID in the form newUuid() gives; anything else names nothing we store.
bool isUuid(QStringView text);

} // namespace skillbox
