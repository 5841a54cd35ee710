#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/json_writer.h"
#include "app/cli/named_remote.h"
#include "app/cli/progress_line.h"
#include "app/cli/text.h"
#include "app/cli/transfer_view.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct SyncOptions {
    std::string to;
    std::string from;
    std::vector<std::string> names;
    bool dryRun = false;
};

struct Synced {
    QList<Transfer> transfers; ///< copied, conflicting and failed ones
    qsizetype untried = 0;     ///< after one that ended it all
};

Synced copyAll(CliContext &context, SkillStore &from, SkillStore &to, const SyncPlan &plan,
               const std::stop_token &stop, ProgressLine &line)
{
    Synced synced;
    const ArchiveLimits limits = transferLimits(context);
    for (qsizetype i = 0; i < plan.missing.size(); ++i) {
        const SkillVersionRecord &record = plan.missing[i];
        const QString place = u"%1/%2  "_s.arg(i + 1).arg(plan.missing.size());
        line.setLabel(place + transferLabel(record, 0, 0));
        const auto progress = [&](qint64 done, qint64 total) {
            line.setLabel(place + transferLabel(record, done, total));
        };
        const Transfer transfer = copySkill(from, to, record, limits, {progress, stop});
        synced.transfers.append(transfer);
        if (endsTransfers(transfer)) {
            synced.untried = plan.missing.size() - i - 1;
            break;
        }
    }
    return synced;
}

void printJson(CliContext &context, const SyncPlan &plan, const QList<Transfer> &transfers,
               qsizetype untried, bool dryRun)
{
    JsonWriter json;
    json.beginObject().member(u"dry_run"_s, dryRun).key(u"transfers"_s).beginArray();
    for (const Transfer &transfer : transfers)
        writeTransfer(json, transfer);
    json.endArray().key(u"missing"_s).beginArray();
    for (const SkillVersionRecord &record : dryRun ? plan.missing : QList<SkillVersionRecord>()) {
        json.beginObject()
            .member(u"name"_s, record.name)
            .member(u"version"_s, record.version)
            .member(u"digest"_s, record.digest)
            .endObject();
    }
    json.endArray()
        .member(u"already_there"_s, static_cast<qint64>(plan.same.size()))
        .member(u"yanked"_s, static_cast<qint64>(plan.yanked))
        .member(u"untried"_s, static_cast<qint64>(untried))
        .endObject();
    context.printJson(json.bytes());
}

ExitCode sync(CliContext &context, const SyncOptions &options)
{
    if (options.to.empty() == options.from.empty()) {
        return context.reportError(
            {ErrorCode::BadRequest,
             u"give the remote with --to or with --from, one of them\n"
             "skillbox remote list shows the remotes there are"_s});
    }
    const bool pushes = !options.to.empty();
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const auto remote = openRemote(context, toText(pushes ? options.to : options.from));
    if (!remote)
        return context.reportError(remote.error());
    const std::unique_ptr<SkillStore> here = (*backend)->store();
    SkillStore &from = pushes ? *here : *remote->registry;
    SkillStore &to = pushes ? *remote->registry : *here;
    QStringList names;
    for (const std::string &name : options.names)
        names.append(toText(name));

    std::optional<Result<SyncPlan>> plan;
    Synced synced;
    {
        std::stop_source stop;
        const InterruptGuard interrupt([&stop] { stop.request_stop(); });
        ProgressLine line(context.err());
        line.setLabel(u"comparing %1 with %2"_s.arg(from.label(), to.label()));
        plan = planSync(from, to, names, stop.get_token());
        if (*plan && !options.dryRun)
            synced = copyAll(context, from, to, **plan, stop.get_token(), line);
    }
    if (!*plan)
        return context.reportError(plan->error());
    for (const VersionConflict &conflict : (*plan)->conflicts)
        synced.transfers.append(conflictOf(conflict.record, conflict.otherDigest, from, to));

    ExitCode code = ExitCode::Success;
    qint64 copied = 0;
    qint64 problems = 0;
    for (const Transfer &transfer : std::as_const(synced.transfers)) {
        if (exitCodeOf(transfer) == ExitCode::Success) {
            ++copied;
        } else {
            ++problems;
            if (code != ExitCode::Interrupted)
                code = exitCodeOf(transfer);
        }
    }
    if (context.wantsJson()) {
        printJson(context, **plan, synced.transfers, synced.untried, options.dryRun);
        return code;
    }
    Terminal &out = context.out();
    if (options.dryRun) {
        for (const SkillVersionRecord &record : (*plan)->missing) {
            out.writeLine(u"  would copy "_s + out.painted(Paint::Bold, printableLine(record.name))
                          + u' ' + printableLine(record.version));
        }
    }
    for (const Transfer &transfer : std::as_const(synced.transfers)) {
        printTransferred(context, transfer, to.label());
        if (exitCodeOf(transfer) != ExitCode::Success)
            context.reportError(transfer.error);
    }
    QStringList facts;
    if (options.dryRun)
        facts.append(counted((*plan)->missing.size(), u"version"_s) + u" to copy"_s);
    else
        facts.append(counted(copied, u"version"_s) + u" copied"_s);
    facts.append(u"%1 there already"_s.arg((*plan)->same.size()));
    if ((*plan)->yanked > 0)
        facts.append(u"%1 left out as yanked"_s.arg((*plan)->yanked));
    if (problems > 0)
        facts.append(counted(problems, u"problem"_s));
    if (synced.untried > 0)
        facts.append(u"%1 not tried; the same command goes on from here"_s.arg(synced.untried));
    out.writeLine(facts.join(u", "_s));
    return code;
}

} // namespace

void registerSkillSync(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"sync", "Copy the versions that a remote, or this machine, does not have",
         "Versions with the same content are left alone, so doing it again goes on where it was "
         "stopped. Versions with other content are conflicts: they are told, and nothing is "
         "changed. Yanked versions stay where they are.",
         "skillbox skill sync --to team --dry-run\n"
         "skillbox skill sync --to team\n"
         "skillbox skill sync --from team word-counter chart"},
        WorksOn::Backend);
    const auto options = std::make_shared<SyncOptions>();
    addArguments(*command, "NAME", options->names, "Only these skills", value::skill,
                 Presence::Optional);
    addOption(*command, "--to", options->to, "Copy to this remote", value::remote);
    addOption(*command, "--from", options->from, "Copy from this remote", value::remote);
    addFlag(*command, "--dry-run", options->dryRun, "Say what would be copied, and copy nothing");
    onChosen(*command, context, [options, &context] { return sync(context, *options); });
}

} // namespace skillbox
