#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/json_writer.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode verify(CliContext &context)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<AuditVerdict> verdict = (*backend)->verifyAudit();
    if (!verdict)
        return context.reportError(verdict.error());
    const bool intact = verdict->broken.isEmpty();
    const ExitCode code = intact ? ExitCode::Success : ExitCode::Error;
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"intact"_s, intact)
            .member(u"checked"_s, verdict->checked)
            .memberIfAny(u"last_hash"_s, verdict->lastHash);
        if (!intact)
            json.member(u"broken"_s, verdict->broken).member(u"broken_seq"_s, verdict->brokenSeq);
        json.endObject();
        context.printJson(json.bytes());
        return code;
    }
    if (!intact) {
        context.reportError(
            {ErrorCode::StorageCorrupt,
             verdict->broken
                 + u"\n%1 in order"_s.arg(counted(verdict->checked, u"record before it is"_s,
                                                  u"records before it are"_s))});
        return code;
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s)
                  + u" The audit is unbroken: %1"_s.arg(counted(verdict->checked, u"record"_s)));
    if (!verdict->lastHash.isEmpty())
        out.writeLine(u"  "_s + out.painted(Paint::Dim, verdict->lastHash));
    return code;
}

} // namespace

void registerAuditVerify(CLI::App &audit, CliContext &context)
{
    CLI::App *command = addCommand(
        audit, context,
        {"verify", "Check that no audit record was changed or removed",
         "Each record carries a hash of itself and of the record before it, so a change shows from "
         "there on. Who can write to the store could compute all hashes anew: keep the last hash, "
         "which this prints, somewhere else from time to time, and look for it in later exports. "
         "Exit code 1 if the audit is broken.",
         "skillbox audit verify\n"
         "skillbox audit verify --tenant acme -o json"},
        WorksOn::Backend);
    onChosen(*command, context, [&context] { return verify(context); });
}

} // namespace skillbox
