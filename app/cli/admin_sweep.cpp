#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/json_writer.h"
#include "app/cli/moment_argument.h"
#include "engine/base/clock.h"
#include "engine/engine.h"
#include "engine/workspace/blob_sweep.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode sweepStore(CliContext &context, const std::string &age)
{
    const auto until = parseMoment(u"--older-than"_s, toText(age), nowUtc(), Span::Ago);
    if (!until)
        return context.reportError(until.error());
    const Result<Engine *> engine = context.engine();
    if (!engine)
        return context.reportError(engine.error());
    const auto removed = [&] {
        std::stop_source stop;
        const InterruptGuard interrupt([&stop] { stop.request_stop(); });
        return sweepBlobs((*engine)->metadata(), (*engine)->blobs(), *until, stop.get_token());
    }();
    if (!removed)
        return context.reportError(removed.error());
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject().member(u"removed"_s, *removed).endObject();
        context.printJson(json.bytes());
        return ExitCode::Success;
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s)
                  + u" Removed %1 that nothing refers to"_s.arg(counted(*removed, u"blob"_s)));
    return ExitCode::Success;
}

} // namespace

void registerAdminSweep(CLI::App &admin, CliContext &context)
{
    CLI::App *command = addCommand(
        admin, context,
        {"sweep", "Remove contents that nothing refers to",
         "What a process left that died between storing bytes and their record. Servers do this "
         "by themselves, for contents that were stored more than a day ago; here it is done now. "
         "Nothing that a record refers to is touched. What a run or an upload has stored and is "
         "about to record looks the same: give a shorter age only when none takes that long.",
         "skillbox admin sweep\n"
         "skillbox admin sweep --older-than 1h"});
    const auto age = std::make_shared<std::string>("24h");
    addOption(*command, "--older-than", *age,
              "Only what was stored before: a span like 24h or 7d, or a time", value::text);
    onChosen(*command, context, [age, &context] { return sweepStore(context, *age); });
}

} // namespace skillbox
