#pragma once

#include "app/desktop/theme/theme.h"

#include <QAbstractListModel>
#include <QFrame>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPointer>

#include <functional>

namespace skillbox {

/// One thing the palette can do.
struct PaletteEntry {
    QString group; ///< `Run`, `Skill`, …
    QString title;
    QString note; ///< a shortcut, a version, a state
    std::function<void()> run;
    int bias = 0; ///< added to the score: what was used lately comes first
};

/// The entries that fit what was typed, best first.
class PaletteModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role { GroupRole = Qt::UserRole + 1, NoteRole, PlacesRole };

    using QAbstractListModel::QAbstractListModel;
    void setEntries(QList<PaletteEntry> entries);
    void setTyped(const QString &typed);
    /// Null: there is none at this index.
    const PaletteEntry *entryAt(const QModelIndex &index) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

    static constexpr int shown = 200;

private:
    struct Row {
        int entry = 0;
        int score = 0;
        QList<int> places; ///< in the title
    };
    void rank();

    QList<PaletteEntry> m_entries;
    QString m_typed;
    QList<Row> m_rows;
};

/// Ctrl+K: a field over the window that finds every action, skill and run by a few letters.
class CommandPalette : public QFrame
{
    Q_OBJECT

public:
    explicit CommandPalette(QWidget *host);
    /// Shows it, with the entries there are now.
    void open(QList<PaletteEntry> entries);
    void applyTheme(const Theme &theme);
    PaletteModel &model() { return m_model; }
    /// By what an entry is known again the next time.
    static QString nameOf(const PaletteEntry &entry) { return entry.group + u'/' + entry.title; }

Q_SIGNALS:
    void chosen(const QString &name);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void fit();
    void dismiss();
    void accept();

    QWidget *m_host;
    QPointer<QWidget> m_before; ///< had the focus
    QLineEdit *m_field;
    QListView *m_list;
    QLabel *m_nothing;
    PaletteModel m_model;
};

} // namespace skillbox
