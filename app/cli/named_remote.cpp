#include "app/cli/named_remote.h"

#include "app/cli/cli_context.h"
#include "engine/engine_config.h"
#include "engine/remote/sign_in.h"

namespace skillbox {

RemoteList remoteList(const CliContext &context)
{
    return RemoteList(RemoteList::usualDirectory(context.environment()));
}

Result<NamedRemote> openRemote(const CliContext &context, const Remote &remote)
{
    auto http = connectTo(withSignIn(connectionOf(remote), context.signIns()));
    if (!http)
        return fail(http.error());
    NamedRemote opened{.remote = remote,
                       .api = std::make_unique<ApiClient>(std::move(*http)),
                       .registry = nullptr};
    opened.registry = std::make_unique<RemoteRegistry>(*opened.api);
    return opened;
}

Result<NamedRemote> openRemote(const CliContext &context, const QString &name)
{
    const auto remote = remoteList(context).find(name);
    if (!remote)
        return fail(remote.error());
    return openRemote(context, *remote);
}

ArchiveLimits transferLimits(const CliContext &context)
{
    // Without a usable configuration the store would not open, and a server has its own limits.
    const auto config = context.engineConfig();
    return config ? config->archiveLimits : ArchiveLimits();
}

} // namespace skillbox
