#pragma once

#include "app/desktop/editor/document_view.h"

#include <QTabWidget>

namespace skillbox {

/// The open files as tabs. GUI thread.
class OpenFiles : public QTabWidget
{
    Q_OBJECT

public:
    explicit OpenFiles(DraftFiles &files, QWidget *parent = nullptr);

    /// Brings the file to the front, opening it where it is not yet.
    DocumentView *open(const QString &project, const QString &file);
    DocumentView *find(const QString &project, const QString &file) const;
    DocumentView *current() const;
    QList<DocumentView *> documents() const;
    QHash<QString, QByteArray> unsavedOf(const QString &project) const;

    /// Asks first where something is not saved.
    void closeTab(DocumentView *view);
    void closeAllOf(const QString &project);
    void reopenClosed();
    /// `done(false)`: one could not be saved.
    void saveAll(const QString &project, std::function<void(bool)> done);
    /// Makes each of the files, opened for it where it is not, what `after` says, unless it is not
    /// what `before` says any more. To be saved and undone like what is typed.
    void apply(const QString &project, const QHash<QString, QByteArray> &before,
               const QHash<QString, QByteArray> &after);
    void renamed(const QString &project, const QString &from, const QString &to);
    void setSeverities(const QString &project, const QHash<QString, Severity> &worst);
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void edited(skillbox::DocumentView *view);
    void saved(skillbox::DocumentView *view);
    void closed(const QString &project, const QString &file);
    /// The current file, or something about it, is another.
    void currentStateChanged();
    void opened(skillbox::DocumentView *view);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *) override { } ///< no line of the style's own behind the tabs

private:
    void drop(DocumentView *view);
    void label(DocumentView *view);

    DraftFiles &m_files;
    Theme m_theme;
    QList<QPair<QString, QString>> m_closed; ///< newest last
    QHash<QString, QHash<QString, Severity>> m_severities;
};

} // namespace skillbox
