#pragma once

#include "app/desktop/server_page/request_log_model.h"
#include "app/desktop/shell/page.h"
#include "app/desktop/text/code_view.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTabBar>
#include <QTableView>
#include <QTreeWidget>

namespace skillbox {

/// The local server: whether it runs, where, with which key, who talks to it, and how to connect
/// more.
class ServerPage : public Page
{
    Q_OBJECT

public:
    /// `program` is the path of the command line, for what others shall start.
    ServerPage(const Desk &desk, QString program);
    void activate() override;
    void applyTheme(const Theme &theme) override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;

private:
    QWidget *buildAccess();
    QWidget *buildRecipes();
    QWidget *buildTraffic();
    void showServer();
    void showRecipe();
    void showClients();
    void toggle();
    void makeKey();

    Desk m_desk;
    const QString m_program;
    QLabel *m_state;
    QLabel *m_note;
    QPushButton *m_toggle;
    QLineEdit *m_address;
    QLineEdit *m_key;
    QPushButton *m_reveal;
    QList<QPushButton *> m_copies;
    QPushButton *m_makeKey;
    QTabBar *m_recipes;
    QLabel *m_recipeText;
    CodeView *m_recipe;
    QLabel *m_traffic;
    QTableView *m_requests;
    QTreeWidget *m_clients;
    QSplitter *m_splitter;
    RequestLogModel m_model;
};

} // namespace skillbox
