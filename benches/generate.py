#!/usr/bin/env python3
"""Writes N invented contacts of French and other European firms, once for carnet and once for each peer.

    python3 benches/generate.py N DIR [--seed S]

DIR then holds, all with the same people:
    contacts.csv      what `carnet import` reads
    toml/xx/ID.toml   plain contact files in carnet's layout and 256-way fan-out, for ripgrep (about 810 bytes each)
    pass/xx/ID        the same text, to be encrypted into a `pass` store
    vdir/ID.vcf       vCard 3.0, for khard
    abook             abook's one file
    facts.json        words to search for, with the number of contacts that hold them, and the mean size

The same N and seed give the same bytes. Nobody here exists: phone numbers are in the blocks that Arcep sets aside for
fiction, addresses end in the reserved top-level domains of RFC 2606 and RFC 6761.
"""

import argparse
import csv
import json
import random
import unicodedata
import uuid
from pathlib import Path

GIVEN = """Adèle Agnès Aïcha Alain Alba Amélie Anaïs André Angélique Anneliese Antoine Apolline Arnaud Aurélie Axel Bastien
Béatrice Benoît Bérénice Björn Camille Cécile Célestin Chiara Chloé Clémence Clément Corentin Cyril Damien Delphine
Dieter Dorothée Édith Elena Élise Eloi Émeline Émile Enzo Estelle Étienne Eugénie Fabien Fatou Félix Fiona Florence
François Frédéric Gaëlle Gaspard Geneviève Gérald Giulia Grégory Guillaume Gwenaël Hans Héloïse Henri Hervé Hugo Inès
Ingrid Irène Ismaël Jacques Jan Jérôme Joëlle Jonas José Jürgen Justine Karim Katarzyna Laëtitia Lars Laure Léa Léon
Liesbeth Loïc Louise Lucía Ludovic Maël Maëlle Malik Margaux Marius Mathilde Mattéo Maxence Mélanie Michał Mireille
Nadia Noémie Odile Olivier Oscar Pascale Paulo Pénélope Philippe Pierrick Quentin Rachid Raphaëlle Régis Renée Rémi
Sabine Salomé Sébastien Séverine Siobhán Solène Sophie Sylvain Tanguy Thaïs Théo Thérèse Ulrich Valérie Viktor Xavier
Yann Yasmine Yves Zoé Zuzanna""".split()
FAMILY = """Abadie Aubert Bailly Barbier Baudouin Beaumont Benali Bergström Berthier Besançon Blanchard Bonnet Bouchard
Boulanger Bourgeois Bréval Brunet Carlier Caron Castagnède Chevalier Chopin Colas Collet Cordier Costa Coulibaly Courtois
Crépin Daniel Dąbrowski Delacroix Delaunay Deschamps Desprès Diallo Dubreuil Duchêne Dumoulin Durieux Égan Fabre Faucher
Ferrand Fischer Fleury Fournier Gaillard Garnier Gauthier Gérard Girard Godefroy Gonçalves Grandjean Guérin Guichard
Haddad Hamel Hébert Hoareau Hoffmann Humbert Jacquet Jansen Joly Jourdain Kowalczyk Labbé Lacombe Lagarde Lambert Langlois
Laporte Lebreton Leclercq Lefèvre Legrand Lemaître Léonard Lévêque Lindqvist Maillard Mallet Marchand Maréchal Martinez
Masson Mercier Meunier Millet Monnier Moreau Mørk Müller Nguyen Noël Novák Ó-Briain Ollivier Pasquier Pelletier Perrin
Pichon Poirier Prévost Quentin Raynaud Renard Ribeiro Rivière Robin Rousseau Roussel Saint-Aubin Sánchez Savary Schneider
Simonet Tanguy Tessier Thibault Traoré Vaillant Vallée Van-Dijk Vasseur Verdier Viala Vidal Villeneuve Weber Zimmermann""".split()
FIRM = """Ateliers Bâtiments Boiseries Brasserie Cabinet Charpentes Chocolaterie Conserverie Cordonnerie Domaine Ébénisterie
Éditions Entrepôts Fonderie Fromagerie Garage Imprimerie Jardins Laboratoire Logistique Maison Menuiserie Minoterie Moulins
Optique Papeterie Pépinières Plomberie Verrerie Vignobles Werkstatt""".split()
FORM = ["SARL", "SAS", "SA", "SCOP", "EURL", "GmbH", "B.V.", "Srl", "S.L."]
TITLE = ["Directrice générale", "Gérant", "Responsable des achats", "Comptable", "Acheteuse", "Chef d'atelier",
         "Assistante de direction", "Ingénieure méthodes", "Responsable qualité", "Directeur commercial", "Architecte",
         "Chargée de communication", "Responsable logistique", "Vertriebsleiterin", "Contrôleur de gestion"]
STREET = ["rue des Tanneurs", "avenue Jean-Jaurès", "quai de la Fosse", "boulevard de la République", "place du Marché",
          "chemin des Écoliers", "impasse du Four", "allée des Tilleuls", "rue du Général-Leclerc", "cours Mirabeau"]
CITY = [("69003", "Lyon", "France"), ("44000", "Nantes", "France"), ("59000", "Lille", "France"),
        ("31000", "Toulouse", "France"), ("67000", "Strasbourg", "France"), ("33000", "Bordeaux", "France"),
        ("35000", "Rennes", "France"), ("38000", "Grenoble", "France"), ("21000", "Dijon", "France"),
        ("1000", "Bruxelles", "Belgique"), ("1204", "Genève", "Suisse"), ("50667", "Köln", "Deutschland"),
        ("10121", "Torino", "Italia"), ("08002", "Barcelona", "España"), ("3511", "Utrecht", "Nederland")]
TAG = ["prospect", "client", "salon-2025", "fournisseur", "presse", "vip", "à-rappeler", "devis", "export", "local"]
NOTE = ["Rencontré sur le stand au salon de printemps, souhaite un devis avant la fin du trimestre.",
        "Préfère être joint le matin, jamais le vendredi ; décide avec son associé.",
        "A demandé la documentation sur les délais de livraison et les conditions de paiement.",
        "Compare avec deux concurrents, sensible à l'entretien plus qu'au prix d'achat.",
        "Ancien client de l'agence voisine, reprend l'activité après travaux.",
        "Renvoyer le contrat-cadre signé ; le service juridique relit les annexes.",
        "Cherche un partenaire pour l'Allemagne et l'Autriche, premiers essais à l'automne.",
        "Le numéro du standard est le bon, la ligne directe n'est pas relevée."]
SOURCE = ["Salon des artisans 2025", "Formulaire du site", "Carte de visite", "Recommandation d'un client"]
# Blocks for fiction (Arcep, décision 2018-0881): 5 x 10,000 numbers.
FICTION = ["199 00", "261 91", "353 01", "465 71", "536 49"]
RARE, RARE_TOWN = "bergamote", "Pamiers"
RARE_EVERY_N = 8  # contacts that hold RARE, whatever N; half of them live in RARE_TOWN


def ascii_of(text):
    """A name as it stands in an e-mail address."""
    text = text.lower().replace("ø", "o").replace("ł", "l")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in plain if c.isalnum() or c == "-")


def people(n, seed):
    """N contacts as dicts, each with its own e-mail, phone and id."""
    rng = random.Random(f"carnet bench {seed}")
    pick = lambda items: items[int(rng.random() * len(items))]
    firms = []
    for _ in range(max(n // 4, 1)):
        name = f"{pick(FIRM)} {pick(FAMILY)} {pick(FORM)}"
        firms.append((name, "-".join(ascii_of(w) for w in name.split()[:2]) + ".example", pick(CITY)))
    step = max(n // RARE_EVERY_N, 1)
    mails = set()
    for i in range(n):
        given, family = pick(GIVEN), pick(FAMILY)
        firm, domain, (postcode, city, country) = pick(firms)
        local = f"{ascii_of(given)}.{ascii_of(family)}"
        mail, again = f"{local}@{domain}", 1
        while mail in mails:
            again += 1
            mail = f"{local}{again}@{domain}"
        mails.add(mail)
        block, rest = FICTION[i % len(FICTION)], (i // len(FICTION)) * 7919 % 10000
        notes = [pick(NOTE), pick(NOTE)]
        if i % step == step // 2 and i // step < RARE_EVERY_N:
            notes.append(f"Offrir du thé à la {RARE}.")
            if (i // step) % 2 == 0:
                postcode, city, country = "09100", RARE_TOWN, "France"
        yield {
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "name": f"{given} {family}", "given": given, "family": family, "email": mail,
            "phone": f"+33 {block[0]} {block[1:3]} {block[4:]} {rest // 100:02} {rest % 100:02}",
            "org": firm, "title": pick(TITLE), "url": f"https://www.{domain}/",
            "street": f"{1 + int(rng.random() * 180)} {pick(STREET)}",
            "postcode": postcode, "city": city, "country": country,
            "tags": sorted({pick(TAG), pick(TAG)}), "lang": "fr", "note": " ".join(notes), "source": pick(SOURCE),
            "reference": f"C-{2019 + i % 7}-{i:05}",
        }


def toml_text(p):
    """The contact as carnet writes it (docs/format.md)."""
    q = lambda text: json.dumps(text, ensure_ascii=False)
    return f"""id = {q(p["id"])}
book = "main"
kind = "person"
name = {q(p["name"])}
given = {q(p["given"])}
family = {q(p["family"])}
org = {q(p["org"])}
title = {q(p["title"])}
emails = [{q(p["email"])}]
phones = [{q(p["phone"].replace(" ", ""))}]
addresses = [{{ street = {q(p["street"])}, postcode = {q(p["postcode"])}, locality = {q(p["city"])}, country = {q(p["country"])} }}]
urls = [{q(p["url"])}]
tags = [{", ".join(map(q, p["tags"]))}]
lang = {q(p["lang"])}
note = {q(p["note"])}
source = {q(p["source"])}
created = 2026-01-15T09:30:00Z

[custom]
reference = {q(p["reference"])}

[[basis]]
purpose = "prospects"
basis = "legitimate-interests"
since = 2026-01-15
"""


def vcard_text(p):
    esc = lambda text: text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return "\r\n".join([
        "BEGIN:VCARD", "VERSION:3.0", f"UID:{p['id']}", f"FN:{esc(p['name'])}", f"N:{esc(p['family'])};{esc(p['given'])};;;",
        f"ORG:{esc(p['org'])}", f"TITLE:{esc(p['title'])}", f"EMAIL;TYPE=WORK:{p['email']}", f"TEL;TYPE=WORK:{p['phone']}",
        f"ADR;TYPE=WORK:;;{esc(p['street'])};{p['city']};;{p['postcode']};{p['country']}", f"URL:{p['url']}",
        f"CATEGORIES:{','.join(p['tags'])}", f"NOTE:{esc(p['note'])}", "END:VCARD", ""])


def abook_text(i, p):
    return (f"[{i}]\nname={p['name']}\nemail={p['email']}\naddress={p['street']}\ncity={p['city']}\nzip={p['postcode']}\n"
            f"country={p['country']}\nworkphone={p['phone']}\nurl={p['url']}\nnotes={p['note']}\n\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("n", type=int)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--seed", default="1")
    args = parser.parse_args()
    if not RARE_EVERY_N <= args.n <= 10000 * len(FICTION):
        parser.error(f"N must be {RARE_EVERY_N} to {10000 * len(FICTION)}: there are no more numbers for fiction")
    for tree in ("toml", "pass"):
        for fan in range(256):
            (args.dir / tree / f"{fan:02x}").mkdir(parents=True, exist_ok=True)
    (args.dir / "vdir").mkdir(exist_ok=True)
    size = 0
    with open(args.dir / "contacts.csv", "w", newline="", encoding="utf-8") as csv_file, \
            open(args.dir / "abook", "w", encoding="utf-8") as abook:
        rows = csv.writer(csv_file)
        rows.writerow(["name", "given", "family", "email", "phone", "organisation", "title", "street", "postcode",
                       "locality", "country", "url", "tags", "lang", "note", "reference"])
        abook.write("# abook addressbook file\n\n[format]\nprogram=abook\nversion=0.6.1\n\n")
        for i, p in enumerate(people(args.n, args.seed)):
            rows.writerow([p["name"], p["given"], p["family"], p["email"], p["phone"], p["org"], p["title"], p["street"],
                           p["postcode"], p["city"], p["country"], p["url"], ",".join(p["tags"]), p["lang"], p["note"],
                           p["reference"]])
            text = toml_text(p)
            size += len(text.encode())
            fan = p["id"][:2]
            (args.dir / "toml" / fan / f"{p['id']}.toml").write_text(text, encoding="utf-8")
            (args.dir / "pass" / fan / p["id"]).write_text(text, encoding="utf-8")
            (args.dir / "vdir" / f"{p['id']}.vcf").write_text(vcard_text(p), encoding="utf-8", newline="")
            abook.write(abook_text(i, p))
            if i == args.n // 2:
                middle = p
    facts = {"n": args.n, "mean_bytes": size // args.n, "word": RARE, "word_hits": RARE_EVERY_N,
             "second": RARE_TOWN, "both_hits": RARE_EVERY_N // 2, "some_id": middle["id"], "some_email": middle["email"],
             "some_family": middle["family"]}
    (args.dir / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
