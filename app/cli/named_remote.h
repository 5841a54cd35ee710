#pragma once

#include "engine/remote/remote_list.h"
#include "engine/remote/remote_registry.h"
#include "engine/skill/archive.h"

namespace skillbox {

class CliContext;

/// The list of remotes of whoever runs us.
RemoteList remoteList(const CliContext &context);

/// A named server, ready to be asked.
struct NamedRemote {
    Remote remote;
    std::unique_ptr<ApiClient> api;
    std::unique_ptr<RemoteRegistry> registry;
};
Result<NamedRemote> openRemote(const CliContext &context, const Remote &remote);
Result<NamedRemote> openRemote(const CliContext &context, const QString &name);

/// What is taken of a skill that is copied.
ArchiveLimits transferLimits(const CliContext &context);

} // namespace skillbox
