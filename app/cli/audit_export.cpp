#include "app/cli/audit_lines.h"
#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/json_writer.h"
#include "app/cli/moment_argument.h"
#include "engine/base/clock.h"

#include <QFile>
#include <QSaveFile>

#include <condition_variable>
#include <mutex>
#include <stop_token>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct ExportOptions {
    std::string since;
    std::string until;
    std::string after;
    std::string out;
    std::string cursor;
    std::string format = "jsonl";
    bool verify = false;
    bool follow = false;
};

/// How often new records are asked for, and how long to wait after a server that was not there.
constexpr std::chrono::seconds followInterval{2};
constexpr std::chrono::seconds longestWait{30};

/// Where the lines go: standard output, a file that is replaced when all is written, or one that is
/// added to.
class AuditTarget
{
public:
    AuditTarget(Terminal &out, const QString &path, bool append)
        : m_out(out)
        , m_path(path)
        , m_append(append)
    {
    }
    Result<void> open()
    {
        if (m_path.isEmpty())
            return {};
        if (m_append)
            m_file = std::make_unique<QFile>(m_path);
        else
            m_file = std::make_unique<QSaveFile>(m_path);
        const auto mode = m_append ? QIODevice::WriteOnly | QIODevice::Append
                                   : QIODevice::OpenMode(QIODevice::WriteOnly);
        return m_file->open(mode) ? Result<void>() : fail(cannotWrite());
    }
    Result<void> write(const QByteArray &text)
    {
        if (m_file)
            return m_file->write(text) == text.size() ? Result<void>() : fail(cannotWrite());
        m_out.write(text);
        // What went wrong is said at the end (CliContext::runAction); there is no need to go on.
        return m_out.failure() == 0
            ? Result<void>()
            : fail(ErrorCode::Cancelled, u"standard output takes no more"_s);
    }
    /// What was written is for others to see; a replaced file only when all of it is there.
    Result<void> settle(bool isLast)
    {
        if (!m_file || (!m_append && !isLast))
            return {};
        const bool done = m_append ? m_file->flush()
                                   : static_cast<QSaveFile *>(m_file.get())->commit();
        return done ? Result<void>() : fail(cannotWrite());
    }
    bool isStandardOutput() const { return m_path.isEmpty(); }

private:
    Error cannotWrite() const
    {
        return {ErrorCode::Io, u"cannot write '%1': %2"_s.arg(m_path, m_file->errorString())};
    }

    Terminal &m_out;
    const QString m_path;
    const bool m_append;
    std::unique_ptr<QFileDevice> m_file;
};

struct ExportPlan {
    AuditFilter filter;
    AuditFormat format = AuditFormat::Lines;
    AuditProof proof = AuditProof::None;
    AuditCursor from;
    QString cursorFile;
};

Result<QDateTime> momentOf(const QString &option, const std::string &text)
{
    return text.empty() ? Result<QDateTime>(QDateTime())
                        : parseMoment(option, toText(text), nowUtc(), Span::Ago);
}

Result<ExportPlan> planOf(const ExportOptions &options)
{
    ExportPlan plan;
    const auto since = momentOf(u"--since"_s, options.since);
    if (!since)
        return fail(since.error());
    const auto until = momentOf(u"--until"_s, options.until);
    if (!until)
        return fail(until.error());
    plan.filter.since = *since;
    plan.filter.until = *until;
    plan.format = options.format == "splunk" ? AuditFormat::Splunk
        : options.format == "ecs"            ? AuditFormat::Ecs
                                             : AuditFormat::Lines;
    // Clocks of several servers differ, so a span of time may leave out a link of the chain.
    const bool whole = options.since.empty() && options.until.empty();
    if (options.verify || !options.cursor.empty())
        plan.proof = whole ? AuditProof::Chain : AuditProof::Hashes;
    if (!options.after.empty()) {
        bool isNumber = false;
        plan.filter.afterSeq = toText(options.after).toLongLong(&isNumber);
        if (!isNumber || plan.filter.afterSeq < 0) {
            return fail(ErrorCode::BadRequest,
                        u"--after wants the seq of a record, not '%1'"_s.arg(
                            toText(options.after)));
        }
    }
    if (!options.cursor.empty()) {
        if (!options.since.empty() || !options.until.empty()) {
            return fail(ErrorCode::BadRequest,
                        u"--cursor goes on where it was; it cannot go with --since or --until"_s);
        }
        plan.cursorFile = toText(options.cursor);
        auto from = readAuditCursor(plan.cursorFile);
        if (!from)
            return fail(from.error());
        if (options.after.empty()) {
            plan.filter.afterSeq = from->seq;
            plan.from = std::move(*from);
        }
    }
    return plan;
}

bool mayPass(ErrorCode code)
{
    return code == ErrorCode::Io || code == ErrorCode::StorageUnavailable
        || code == ErrorCode::RateLimited || code == ErrorCode::Busy;
}

/// One export, and with --follow one after the other until it is interrupted.
class AuditExporter
{
public:
    AuditExporter(CliContext &context, Backend &backend, const ExportPlan &plan,
                  AuditTarget &target)
        : m_context(context)
        , m_backend(backend)
        , m_plan(plan)
        , m_target(target)
        , m_lines(plan.format, plan.proof, plan.from,
                  [this](const QByteArray &text) { return m_target.write(text); })
    {
    }

    Result<void> once(bool isLast)
    {
        AuditFilter which = m_plan.filter;
        which.afterSeq = qMax(which.afterSeq, m_lines.cursor().seq);
        m_lines.forgetRest();
        const qint64 before = m_lines.count();
        const Result<void> done = m_backend.exportAudit(which, [&](QByteArrayView bytes) {
            return m_lines.take(bytes);
        });
        if (!done && !m_plan.cursorFile.isEmpty() && m_lines.count() > before) {
            // What was written is not written again.
            if (auto kept = keep(false); !kept)
                return kept;
        }
        if (!done)
            return done;
        return m_lines.count() > before || isLast ? keep(isLast) : Result<void>();
    }
    Result<void> follow()
    {
        std::stop_source stop;
        const InterruptGuard guard([&stop] { stop.request_stop(); });
        std::chrono::seconds wait = followInterval;
        while (!guard.interrupted()) {
            const Result<void> done = once(false);
            if (done) {
                wait = followInterval;
            } else if (!mayPass(done.error().code)) {
                return done;
            } else {
                if (wait == followInterval)
                    m_context.note(done.error().message + u"; trying again"_s);
                wait = std::min(wait * 2, longestWait);
            }
            std::mutex mutex;
            std::condition_variable_any never;
            std::unique_lock lock(mutex);
            never.wait_for(lock, stop.get_token(), wait, [] { return false; });
        }
        return {};
    }
    qint64 count() const { return m_lines.count(); }

private:
    /// First the records, then how far they go: after a crash some come twice, and none is missing.
    Result<void> keep(bool isLast)
    {
        if (auto settled = m_target.settle(isLast); !settled)
            return settled;
        if (m_plan.cursorFile.isEmpty() || m_lines.cursor().seq == 0)
            return {};
        return writeAuditCursor(m_plan.cursorFile, m_lines.cursor());
    }

    CliContext &m_context;
    Backend &m_backend;
    const ExportPlan &m_plan;
    AuditTarget &m_target;
    AuditLines m_lines;
};

ExitCode reportWritten(CliContext &context, const QString &path, qint64 records)
{
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
    const Result<ExportPlan> plan = planOf(options);
    if (!plan)
        return context.reportError(plan.error());
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const QString path = toText(options.out);
    AuditTarget target(context.out(), path, options.follow || !options.cursor.empty());
    if (auto opened = target.open(); !opened)
        return context.reportError(opened.error());
    AuditExporter exporter(context, **backend, *plan, target);
    const Result<void> done = options.follow ? exporter.follow() : exporter.once(true);
    if (!done && context.out().failure() == 0)
        return context.reportError(done.error());
    return done && !target.isStandardOutput() ? reportWritten(context, path, exporter.count())
                                              : ExitCode::Success;
}

} // namespace

void registerAuditExport(CLI::App &audit, CliContext &context)
{
    CLI::App *command = addCommand(
        audit, context,
        {"export", "Write audit records as JSON lines, oldest first",
         "A line is one object: seq, at, tenant, actor, address, request_id, action, target, "
         "details, prev_hash, hash. --format splunk wraps it as an event for the HTTP event "
         "collector; ecs is the Elastic Common Schema. With --cursor each export goes on after the "
         "last one and checks that the chain of hashes does, too; what stops it is an error, and "
         "nothing of it is written. --output changes only what is said about --out.",
         "skillbox audit export > audit.jsonl\n"
         "skillbox audit export --since 7d --out audit.jsonl\n"
         "skillbox audit export --cursor audit.cursor --out audit.jsonl  # what is new, added\n"
         "skillbox audit export --cursor audit.cursor --follow --format ecs | shipper\n"
         "skillbox audit export | grep skill.publish"},
        WorksOn::Backend);
    const auto options = std::make_shared<ExportOptions>();
    addOption(*command, "--since", options->since,
              "Only records from then on: 7d, 12h, 2027-01-31 or an RFC 3339 time", "TIME");
    addOption(*command, "--until", options->until, "Only records from before then", "TIME");
    addOption(*command, "--after", options->after, "Only records after the one with this seq",
              "SEQ");
    addOption(*command, "--cursor", options->cursor,
              "Go on after the record that this file names, and keep there how far it came",
              value::file);
    addFlag(*command, "--follow", options->follow,
            "Go on with new records as they come, until interrupted");
    addFlag(*command, "--verify", options->verify,
            "Check every record's hash; without a span of time also that each follows the last");
    addChoice(*command, "--format", options->format, "What a line looks like",
              {"jsonl", "splunk", "ecs"});
    addOption(*command, "--out", options->out,
              "Write to this file, replacing it only when all is written; with --cursor or "
              "--follow it is added to",
              value::file);
    onChosen(*command, context, [options, &context] { return exportRecords(context, *options); });
}

} // namespace skillbox
