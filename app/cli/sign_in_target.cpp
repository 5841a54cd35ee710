#include "app/cli/sign_in_target.h"

#include "app/cli/backend/connect.h"
#include "app/cli/cli_context.h"
#include "app/cli/named_remote.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Result<ConnectionSettings> signInTarget(const CliContext &context, const QString &server)
{
    const ServerChoice choice = context.serverChoice();
    const QString text = server.isEmpty() ? choice.address : server;
    if (text.isEmpty()) {
        return fail(ErrorCode::BadRequest,
                    u"name a server: skillbox login https://skillbox.example.com, or a remote"_s);
    }
    if (text == u"local") {
        return fail(ErrorCode::BadRequest,
                    u"'local' is this user's own server and needs no sign-in"_s);
    }
    if (isRemoteName(text)) {
        const Result<Remote> remote = remoteList(context).find(text);
        if (!remote)
            return fail(remote.error());
        return connectionOf(*remote);
    }
    return ConnectionSettings{
        .address = text,
        .tenant = choice.tenant,
        .caFile = choice.caFile,
        .hints = {.address = u"check the address"_s,
                  .nothingThere = u"is a server running there?"_s,
                  .authority = u"if it is your own authority's, name its PEM file in "
                               "SKILLBOX_CA_FILE"_s}};
}

} // namespace skillbox
