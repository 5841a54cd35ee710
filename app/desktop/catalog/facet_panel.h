#pragma once

#include "app/desktop/catalog/catalog_filter.h"
#include "app/desktop/session/catalog_feed.h"
#include "app/desktop/theme/theme.h"

#include <QCheckBox>
#include <QHash>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

namespace skillbox {

/// The quiet list at the left of the catalog: what skills can be narrowed by, each with how many
/// there are, and the servers with how they stand.
class FacetPanel : public QScrollArea
{
    Q_OBJECT

public:
    explicit FacetPanel(QWidget *parent = nullptr);

    /// Values that have gone stay shown while they are chosen.
    void setCounts(const QMap<Facet, QList<FacetCount>> &counts);
    void setSources(const QList<CatalogFeed::Source> &sources);
    QMap<Facet, QSet<QString>> chosen() const;
    void setChosen(const QMap<Facet, QSet<QString>> &chosen);
    void applyTheme(const Theme &theme);

    static QString valueTitle(Facet facet, const QString &value);

Q_SIGNALS:
    void chosenChanged();
    void addServerRequested();
    /// The menu of a server is wanted, there.
    void serverMenuRequested(const QString &name, const QPoint &globalPosition);

private:
    struct Row {
        QWidget *widget = nullptr;
        QCheckBox *box = nullptr;
        QLabel *count = nullptr;
        QToolButton *menu = nullptr; ///< servers only
    };
    struct Group {
        QLabel *title = nullptr;
        QVBoxLayout *column = nullptr;
        QMap<QString, Row> rows;
    };
    Row &row(Facet facet, const QString &value);
    void drawSources();

    QMap<Facet, Group> m_groups;
    QPushButton *m_clear;
    QToolButton *m_addServer;
    QList<CatalogFeed::Source> m_sources;
    Theme m_theme;
    bool m_setting = false;
};

} // namespace skillbox
