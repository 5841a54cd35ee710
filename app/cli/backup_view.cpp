#include "app/cli/backup_view.h"

#include "app/cli/format.h"
#include "app/cli/json_writer.h"
#include "app/cli/progress_line.h"
#include "engine/backup/backup_format.h"
#include "engine/base/clock.h"
#include "engine/engine.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void showBackupProgress(BackupOptions &options, ProgressLine &line, const QString &doing)
{
    options.progress = [&line, doing](const BackupProgress &progress) {
        line.setLabel(u"%1: %2, %3, %4"_s.arg(doing, counted(progress.blobs, u"blob"_s),
                                              counted(progress.records, u"record"_s),
                                              humanBytes(progress.bytes)));
    };
}

ExitCode printBackupSummary(CliContext &context, const BackupSummary &summary, const QString &done,
                            SummaryTo where)
{
    if (!summary.missing.isEmpty()) {
        context.note(summary.lost > 0
                         ? u"%1 that records refer to %2 not in the store and so not in the backup;"
                           u" manifest.json names them"_s.arg(
                               counted(summary.missing.size(), u"content"_s),
                               summary.missing.size() == 1 ? u"is"_s : u"are"_s)
                         : u"without %1 that were deleted while the backup was made"_s.arg(
                             counted(summary.missing.size(), u"content"_s)));
    }
    if (!summary.damaged.isEmpty()) {
        context.note(
            u"%1 damaged in the store when the backup was made; manifest.json names them"_s.arg(
                counted(summary.damaged.size(), u"content was"_s, u"contents were"_s)));
    }
    const bool whole = summary.lost == 0 && summary.damaged.isEmpty();
    const ExitCode code = whole ? ExitCode::Success : ExitCode::Error;
    Terminal &terminal = where == SummaryTo::StandardOutput ? context.out() : context.err();
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"created_at"_s, toRfc3339(summary.header.createdAt))
            .member(u"schema"_s, qint64{summary.header.schema})
            .member(u"records"_s, summary.allRecords())
            .member(u"blobs"_s, summary.blobs)
            .member(u"blob_bytes"_s, summary.blobBytes)
            .member(u"missing"_s, qint64{summary.missing.size()})
            .member(u"damaged"_s, qint64{summary.damaged.size()})
            .member(u"sha256"_s, summary.digest);
        if (summary.unfinished)
            json.member(u"unfinished"_s, *summary.unfinished);
        json.endObject();
        terminal.write(json.bytes() + '\n');
        return code;
    }
    terminal.writeLine(terminal.painted(Paint::Green, u"✔"_s) + u' ' + done
                       + u": %1, %2 of %3"_s.arg(counted(summary.allRecords(), u"record"_s),
                                                 counted(summary.blobs, u"blob"_s),
                                                 humanBytes(summary.blobBytes)));
    terminal.writeLine(u"  "_s + terminal.painted(Paint::Dim, summary.digest));
    return code;
}

Result<void> noteBackup(Engine &engine, const QString &action, const BackupSummary &summary)
{
    const Origin by = CliContext::origin();
    return engine.metadata().appendAudit(AuditRecord{
        .tenant = localTenant(),
        .at = nowUtc(),
        .actor = by.actor,
        .action = action,
        .target = summary.digest,
        .details = {{u"records"_s, summary.allRecords()}, {u"blobs"_s, summary.blobs}},
    });
}

} // namespace skillbox
