#pragma once

#include "app/desktop/editor/code_editor.h"
#include "app/desktop/session/draft_autosave.h"
#include "app/desktop/session/draft_files.h"
#include "engine/skill/finding.h"

#include <QStackedWidget>

namespace skillbox {

class Banner;
class PreviewView;

/// One open file: its text, where it stands against the disk, and what is special about it. A file
/// that is not text, or too large, is shown and not changed. GUI thread.
class DocumentView : public QWidget
{
    Q_OBJECT

public:
    enum class State {
        Loading,
        Editable,
        ReadOnly, ///< huge, not UTF-8, mixed line ends or not writable
        NotText,
        Failed,
    };

    DocumentView(DraftFiles &files, QString project, QString file, QWidget *parent = nullptr);

    CodeEditor &editor() { return *m_editor; }
    Banner &banner() { return *m_banner; }
    State state() const { return m_state; }
    const QString &project() const { return m_project; }
    const QString &file() const { return m_file; }
    QString path() const { return m_project + u'/' + m_file; }
    bool isDirty() const { return m_editor->document()->isModified(); }
    bool isDeleted() const { return m_deleted; }

    /// As save() would write it.
    QByteArray bytes() const;
    /// Another content, as one undo step that changes as little as possible.
    void setBytes(const QByteArray &bytes);
    /// The same once the file is loaded, if it is `before` then.
    void changeWhenLoaded(const QByteArray &before, const QByteArray &after);
    /// The file was given another name.
    void setFile(const QString &project, const QString &file);

    /// Shows `line` once the text is there; see CodeView::goTo().
    void goTo(int line, int column);
    /// Characters of a finding's place, whose columns are code points of the file.
    QPair<int, int> placeOf(const TextRange &range) const;

    void save(std::function<void(bool)> done = {});
    /// From the disk; what was not saved is lost.
    void reload();
    /// Another program may have written the file, or deleted it.
    void checkDisk();
    void restore(const RecoveredDraft &draft);
    RecoveredDraft draft() const;
    /// `UTF-8 · LF` and the like.
    QString formatText() const;
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    /// The text changed.
    void edited();
    /// Name, dirtiness or State changed.
    void stateChanged();
    void saved();
    /// Both texts shall be shown: that on disk and ours.
    void diffWanted(const QByteArray &disk, const QByteArray &mine);

private:
    void show(const Result<DraftFile> &file);
    void showConflict();
    void askForDiff();
    void setState(State state);

    DraftFiles &m_files;
    QString m_project;
    QString m_file;
    State m_state = State::Loading;
    Banner *m_banner;
    QStackedWidget *m_stack;
    CodeEditor *m_editor;
    PreviewView *m_preview;
    TextFormat m_format;
    QByteArray m_digest; ///< of the file that the text was read from or written to
    QPair<int, int> m_goTo{0, 0};
    std::optional<RecoveredDraft> m_recovered; ///< until the file is loaded
    std::optional<QPair<QByteArray, QByteArray>> m_change; ///< before and after; likewise
    bool m_loading = false;
    bool m_saving = false;
    bool m_deleted = false;
};

} // namespace skillbox
