#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/json_writer.h"
#include "app/cli/moment_argument.h"
#include "engine/base/clock.h"

#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct ExportOptions {
    std::string since;
    std::string out;
};

ExitCode exportToFile(CliContext &context, Backend &backend, const QDateTime &since,
                      const QString &path)
{
    QSaveFile file(path);
    const auto cannot = [&] {
        return Error{ErrorCode::Io, u"cannot write '%1': %2"_s.arg(path, file.errorString())};
    };
    if (!file.open(QIODevice::WriteOnly))
        return context.reportError(cannot());
    qint64 records = 0;
    const Result<void> done = backend.exportAudit(since, [&](QByteArrayView bytes) -> Result<void> {
        records += std::count(bytes.begin(), bytes.end(), '\n');
        if (file.write(bytes.data(), bytes.size()) != bytes.size())
            return fail(cannot());
        return {};
    });
    if (!done)
        return context.reportError(done.error());
    if (!file.commit())
        return context.reportError(cannot());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject().member(u"file"_s, path).member(u"records"_s, records).endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s)
                  + u" Wrote %1 to %2"_s.arg(counted(records, u"record"_s), path));
    return ExitCode::Success;
}

ExitCode exportRecords(CliContext &context, const ExportOptions &options)
{
    QDateTime since;
    if (!options.since.empty()) {
        const auto moment = parseMoment(u"--since"_s, toText(options.since), nowUtc(), Span::Ago);
        if (!moment)
            return context.reportError(moment.error());
        since = *moment;
    }
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    if (!options.out.empty())
        return exportToFile(context, **backend, since, toText(options.out));
    const Result<void> done = (*backend)->exportAudit(since, [&](QByteArrayView bytes) {
        context.out().write(bytes.toByteArray());
        // What went wrong is said at the end (CliContext::runAction); there is no need to go on.
        return context.out().failure() == 0
            ? Result<void>()
            : fail(ErrorCode::Cancelled, u"standard output takes no more"_s);
    });
    if (!done && context.out().failure() == 0)
        return context.reportError(done.error());
    return ExitCode::Success;
}

} // namespace

void registerAuditExport(CLI::App &audit, CliContext &context)
{
    CLI::App *command = addCommand(
        audit, context,
        {"export", "Write audit records as JSON lines, oldest first",
         "A line is one object: seq, at, tenant, actor, address, request_id, action, target, "
         "details, prev_hash, hash. --output changes only what is said about --out.",
         "skillbox audit export > audit.jsonl\n"
         "skillbox audit export --since 7d --out audit.jsonl\n"
         "skillbox audit export | grep skill.publish"},
        WorksOn::Backend);
    const auto options = std::make_shared<ExportOptions>();
    addOption(*command, "--since", options->since,
              "Only records from then on: 7d, 12h, 2027-01-31 or an RFC 3339 time", "TIME");
    addOption(*command, "--out", options->out,
              "Write to this file, replacing it only when all is written", value::file);
    onChosen(*command, context, [options, &context] { return exportRecords(context, *options); });
}

} // namespace skillbox
