#pragma once

#include "engine/registry/registry.h"

#include <functional>
#include <optional>
#include <stop_token>

namespace skillbox {

/// How whoever started a transfer watches and ends it.
struct TransferHooks {
    /// Bytes done and, where it is known, how many there are (else 0). On the thread of the call.
    std::function<void(qint64 done, qint64 total)> progress = {};
    std::stop_token stop = {};
};

/// Published skills of one tenant, here or on a server: what skills are copied from and to. All
/// calls block; one thread at a time.
class SkillStore
{
public:
    virtual ~SkillStore() = default;

    /// For people: `this machine`, `https://skills.example.com`.
    virtual QString label() const = 0;
    /// A row per version, yanked ones too: by name, then newest SemVer first, without manifest and
    /// instructions. An empty name: of all skills.
    virtual Result<QList<SkillVersionRecord>> versions(const QString &name,
                                                       const std::stop_token &stop) = 0;
    /// Everything about a version; an empty one is the latest. Nothing: there is none.
    virtual Result<std::optional<SkillVersionRecord>> find(const QString &name,
                                                           const QString &version) = 0;
    /// The published archive, byte for byte, into the empty open device.
    virtual Result<void> read(const SkillVersionRecord &record, QIODevice &target,
                              const TransferHooks &hooks) = 0;
    /// Publishes a zip from a random-access device. VersionExists when the version has other
    /// content.
    virtual Result<Published> publish(QIODevice &archive, const TransferHooks &hooks) = 0;
};

} // namespace skillbox
