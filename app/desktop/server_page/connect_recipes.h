#pragma once

#include <QList>
#include <QString>

namespace skillbox {

/// What a program needs to know to reach the local server.
struct ConnectFacts {
    QString address; ///< `http://127.0.0.1:8080`
    QString keyFile; ///< where this user's programs find the key
    QString program; ///< the command line's path
};

/// A text to paste somewhere.
struct ConnectRecipe {
    QString title;
    QString explanation;
    QString text;
    QString fileName; ///< chooses the highlighting
};

/// How agents, shells and programs connect, one recipe for each kind.
QList<ConnectRecipe> connectRecipes(const ConnectFacts &facts);

} // namespace skillbox
