#include "app/cli/transfer_view.h"

#include "app/cli/cli_context.h"
#include "app/cli/format.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/json_writer.h"
#include "app/cli/named_remote.h"
#include "app/cli/progress_line.h"
#include "app/cli/text.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void writeTransfer(JsonWriter &json, const Transfer &transfer)
{
    json.beginObject()
        .member(u"name"_s, transfer.name)
        .member(u"version"_s, transfer.version)
        .member(u"digest"_s, transfer.digest)
        .member(u"outcome"_s, QString(transferOutcomeName(transfer.outcome)))
        .memberIfAny(u"other_digest"_s, transfer.otherDigest)
        .memberIfAny(u"error"_s, transfer.error.message)
        .endObject();
}

ExitCode exitCodeOf(const Transfer &transfer)
{
    switch (transfer.outcome) {
    case TransferOutcome::Copied:
    case TransferOutcome::AlreadyThere: return ExitCode::Success;
    case TransferOutcome::Cancelled: return ExitCode::Interrupted;
    case TransferOutcome::Conflict:
    case TransferOutcome::Failed: break;
    }
    return ExitCode::Error;
}

void printTransferred(CliContext &context, const Transfer &transfer, const QString &where)
{
    if (exitCodeOf(transfer) != ExitCode::Success)
        return;
    Terminal &out = context.out();
    const QString title = out.painted(Paint::Bold, printableLine(transfer.name)) + u' '
        + printableLine(transfer.version);
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u' '
                  + (transfer.outcome == TransferOutcome::Copied
                         ? u"Copied %1 to %2"_s.arg(title, where)
                         : u"%1 is at %2 already, with the same content"_s.arg(title, where)));
}

QString transferLabel(const SkillVersionRecord &record, qint64 done, qint64 total)
{
    QString label = u"%1 %2"_s.arg(printableLine(record.name), printableLine(record.version));
    if (total > 0)
        label += u"  %1 %"_s.arg(qBound(0LL, done * 100 / total, 100LL));
    else if (done > 0)
        label += u"  "_s + humanBytes(done);
    return label;
}

ExitCode copyAndReport(CliContext &context, SkillStore &from, SkillStore &to,
                       const SkillVersionRecord &record)
{
    Transfer transfer;
    {
        std::stop_source stop;
        const InterruptGuard interrupt([&stop] { stop.request_stop(); });
        ProgressLine line(context.err());
        line.setLabel(transferLabel(record, 0, 0));
        transfer = copySkill(from, to, record, transferLimits(context),
                             {.progress =
                                  [&](qint64 done, qint64 total) {
                                      line.setLabel(transferLabel(record, done, total));
                                  },
                              .stop = stop.get_token()});
    }
    if (context.wantsJson()) {
        JsonWriter json;
        writeTransfer(json, transfer);
        context.printJson(json.bytes());
    }
    if (exitCodeOf(transfer) != ExitCode::Success)
        return context.reportError(transfer.error);
    if (!context.wantsJson()) {
        printTransferred(context, transfer, to.label());
        context.out().writeLine(u"  "_s + context.out().painted(Paint::Dim, transfer.digest));
    }
    return ExitCode::Success;
}

} // namespace skillbox
